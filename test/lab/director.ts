/** A director of a lab: one daemon, holdfast or the machine's keepalived, with its configuration, log and IPVS table. */

import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './lab.js';
import { run } from './namespace.js';
import type { Program } from './process.js';
import { startProgram, until } from './process.js';
import { pidIn } from '../support/processes.js';

/** Both take the same command line, which is the point. */
const DAEMONS = {
  holdfast: [process.execPath, join(CHECKOUT, 'dist/main.js')],
  keepalived: ['keepalived'],
} as const;

export type DaemonName = keyof typeof DAEMONS;

/** A script's word for the daemon it is about; holdfast when it has none. Throws on any other word. */
export function daemonName(word: string | undefined): DaemonName {
  if (word === undefined || word === 'holdfast') return 'holdfast';
  if (word === 'keepalived') return 'keepalived';
  throw new Error(`no such daemon: ${word}`);
}

export interface DirectorOptions {
  readonly namespace: string;
  readonly daemon: DaemonName;
  /** Its configuration: a text to be written to a file of its own, or a file that is there. */
  readonly configuration: { readonly text: string } | { readonly file: string };
  /** Further words of the command line. */
  readonly words?: readonly string[];
}

export class Director {
  readonly namespace: string;
  readonly program: Program;
  readonly #configurationFile: string;

  constructor(options: DirectorOptions) {
    this.namespace = options.namespace;
    const directory = join('/tmp', options.namespace);
    mkdirSync(directory, { recursive: true });
    const { configuration } = options;
    this.#configurationFile = 'file' in configuration ? configuration.file : join(directory, 'keepalived.conf');
    if ('text' in configuration) writeFileSync(this.#configurationFile, configuration.text);
    const files = ['-p', join(directory, 'main.pid'), '-r', join(directory, 'vrrp.pid'), '-c', join(directory, 'checkers.pid')];
    this.program = startProgram([...DAEMONS[options.daemon], '-n', '-l', '-D', '-f', this.#configurationFile, ...files, ...(options.words ?? [])], {
      namespace: options.namespace,
      onLine: (line) => appendFileSync(join(directory, 'log'), line.text + '\n'),
    });
  }

  /** Its own kernel table as `ipvsadm -Sn` saves it, services sorted by ipvsadm, destinations sorted here. */
  async table(): Promise<string> {
    return sortDestinations(await run(this.namespace, ['ipvsadm', '-Sn']));
  }

  /** Of one of its processes, by its pid file. */
  pid(process: 'main' | 'vrrp' | 'checkers'): number {
    return pidIn(join('/tmp', this.namespace, `${process}.pid`));
  }

  /** Writes a new text over its configuration file and tells the daemon with SIGHUP. */
  reload(text: string): void {
    writeFileSync(this.#configurationFile, text);
    this.program.signal('SIGHUP');
  }

  /** Writes a new text over its configuration file and has it restarted in place; resolves with the exit status of that command. */
  async restart(text: string): Promise<number | NodeJS.Signals> {
    writeFileSync(this.#configurationFile, text);
    const words = ['restart', '--pid', join('/tmp', this.namespace, 'main.pid'), this.#configurationFile];
    return startProgram([...DAEMONS.holdfast, ...words], { namespace: this.namespace }).exited;
  }

  /** Orderly stop, as by an init system; resolves with the exit status. */
  async stop(): Promise<number | NodeJS.Signals> {
    this.program.signal('SIGTERM');
    return this.program.exited;
  }

  /** All its processes vanish at once, with no chance to say or tidy anything. */
  async vanish(): Promise<void> {
    this.program.signalGroup('SIGKILL');
    await this.program.exited;
  }

  async holdsAddress(address: string): Promise<boolean> {
    const output = await run(this.namespace, ['ip', '-o', 'address', 'show']);
    return output.includes(` ${address}/`);
  }

  /** Resolves with the table once it satisfies `wanted`; rejects with the last one seen. */
  async tableThat(what: string, seconds: number, wanted: (table: string) => boolean): Promise<string> {
    let last = '';
    const seen = await until(what, seconds, async () => {
      last = await this.table();
      return wanted(last) ? last : undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\nlast table:\n${last}\nlog of the daemon:\n${this.program.text()}`);
    });
    return seen;
  }
}

export function startDirector(options: DirectorOptions): Director {
  return new Director(options);
}

/** A service's destinations stand in the order of their arrival, which depends on which check ended first. */
function sortDestinations(saved: string): string {
  const services = saved.split(/^(?=-A )/m);
  return services
    .map((service) => {
      const [head = '', ...destinations] = service.split('\n').filter((line) => line !== '');
      return [head, ...destinations.sort()].join('\n');
    })
    .filter((service) => service !== '')
    .join('\n');
}
