/**
 * A host of a topology as a person knows it: with /run, /etc/keepalived and /var/lib of its own, and `holdfast` in its path,
 * so that two directors of one lab can use the same names of files. Commands are lines for a shell in the checkout.
 */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CHECKOUT } from './lab.js';
import { run } from './namespace.js';
import type { Program } from './process.js';
import { startProgram } from './process.js';

const PROGRAMS = '/tmp/programs';
/** What every machine has its own of. All of them must be there already: the root of a lab cannot be written. */
const OWN = ['/run', '/etc/keepalived', '/var/lib'];

export interface Outcome {
  readonly status: number;
  /** stdout and stderr. */
  readonly output: string;
}

export class Machine {
  readonly name: string;
  readonly #keeper: Program;

  private constructor(name: string, keeper: Program) {
    this.name = name;
    this.#keeper = keeper;
  }

  /** The host of that namespace, which must exist, gets its own directories. */
  static async open(namespace: string): Promise<Machine> {
    if (!existsSync(join(PROGRAMS, 'holdfast'))) {
      mkdirSync(PROGRAMS, { recursive: true });
      writeFileSync(join(PROGRAMS, 'holdfast'), `#!/bin/sh\nexec '${process.execPath}' '${join(CHECKOUT, 'dist/main.js')}' "$@"\n`, { mode: 0o755 });
    }
    const mounts = OWN.map((directory) => `mount -t tmpfs own ${directory}`).join(' && ');
    // `ip netns exec` gives its command mounts of its own; they last as long as it does.
    const keeper = startProgram(['sh', '-c', `${mounts} && echo own && exec sleep 1000000`], { namespace });
    await keeper.line(/^own$/, 30);
    return new Machine(namespace, keeper);
  }

  /** Starts a command that goes on, a daemon. */
  start(command: string): Program {
    return startProgram(this.#words(`exec ${command}`));
  }

  /** Runs a command to its end. */
  async run(command: string): Promise<Outcome> {
    const program = startProgram(this.#words(command));
    const status = await program.exited;
    return { status: typeof status === 'number' ? status : 128, output: program.text() };
  }

  /** Its kernel's IPVS table as `ipvsadm -Sn` saves it. */
  table(): Promise<string> {
    return run(this.name, ['ipvsadm', '-Sn']);
  }

  async holdsAddress(address: string): Promise<boolean> {
    return (await run(this.name, ['ip', '-o', 'address', 'show'])).includes(` ${address}/`);
  }

  #words(command: string): readonly string[] {
    const line = `PATH="${PROGRAMS}:$PATH"; cd '${CHECKOUT}' && ${command}`;
    return ['nsenter', '--target', String(this.#keeper.pid), '--mount', '--net', 'sh', '-c', line];
  }
}
