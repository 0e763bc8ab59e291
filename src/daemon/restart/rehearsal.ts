/**
 * Before a restart in place the program on disk is asked whether it could take over (start/rehearsal-answer.ts). One that cannot
 * say so is not started.
 */

import { spawn } from 'node:child_process';

import type { GlobalConfig } from '../../conf/model.js';
import { ourProgram } from '../../io/processes/our-program.js';
import { REHEARSAL } from '../start/internal-words.js';
import { BEQUEST_FORMAT } from './bequest.js';

/** Milliseconds; a program that hangs is no successor. */
const PATIENCE = 60_000;
/** Of what it says on standard error, the beginning. */
const MOST_WORDS = 10_000;

/** JSON: null = none. */
export interface RehearsalAnswer {
  /** BEQUEST_FORMAT of that program. */
  readonly inherits: number;
  /** Why it cannot run; absent = it can. */
  readonly problem?: string;
  readonly pidFile?: string;
  /** routeKey of each VRRP instance. */
  readonly instances?: readonly string[];
  readonly names?: {
    readonly networkNamespace: GlobalConfig['networkNamespace'] | null;
    readonly ipvsNamespace: GlobalConfig['ipvsNamespace'] | null;
    readonly instanceName: GlobalConfig['instanceName'] | null;
  };
}

/** Why it cannot take over, or the instances that it would have; undefined = it does not say. */
export type Rehearsed = { readonly problem: string } | { readonly instances: readonly string[] | undefined };

/** Asks it; `words` as the operator typed them. Calls back once. */
export function rehearse(words: readonly string[], running: GlobalConfig, pidFile: string, done: (rehearsed: Rehearsed) => void): void {
  const [program, ...argv] = ourProgram([REHEARSAL, ...words, '--config-test']);
  const asked = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE, killSignal: 'SIGKILL' });
  let output = '';
  let complaints = '';
  let isDone = false;
  const end = (problem: string | undefined, instances?: readonly string[]): void => {
    if (!isDone) done(problem === undefined ? { instances } : { problem });
    isDone = true;
  };
  asked.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  asked.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = `${complaints}${text}`.slice(0, MOST_WORDS);
  });
  asked.on('error', ({ message }) => end(message));
  asked.on('close', (status, signal) => {
    const answer = parsed(output);
    const ending = signal === null ? `status ${status}` : `signal ${signal}`;
    if (answer === undefined) end(`the program on disk does not answer: ${ending}${complaintIn(complaints)}`);
    else end(problemOf(answer, running, pidFile), answer.instances);
  });
}

/** What Node says of an exception is long; the name of the error is in the line that matters. */
function complaintIn(text: string): string {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const line = lines.find((each) => /^\w*Error\b/.test(each)) ?? lines.at(-1);
  return line === undefined ? '' : `, ${line}`;
}

function problemOf({ inherits, problem, pidFile: path, names }: RehearsalAnswer, running: GlobalConfig, pidFile: string): string | undefined {
  if (problem !== undefined) return problem;
  if (inherits !== BEQUEST_FORMAT) return 'the program on disk understands nothing of what this one would leave to it';
  for (const name of ['networkNamespace', 'ipvsNamespace', 'instanceName'] as const) {
    if (JSON.stringify(running[name] ?? null) !== JSON.stringify(names?.[name] ?? null)) return `the configuration changes ${name}, which takes a stop and a start`;
  }
  return path === pidFile ? undefined : `the configuration moves the pid file to ${path ?? 'nowhere'}, which takes a stop and a start`;
}

function parsed(output: string): RehearsalAnswer | undefined {
  try {
    const answer: unknown = JSON.parse(output);
    return typeof answer === 'object' && answer !== null && 'inherits' in answer ? (answer as RehearsalAnswer) : undefined;
  } catch {
    return undefined;
  }
}
