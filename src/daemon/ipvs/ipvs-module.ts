/**
 * Kernel modules that the checkers need, loaded before they are used by one attempt with the ordinary modprobe: ip_vs, because
 * keepalived's users expect the daemon to load it, and those of the packet filter, which the kernel would load by itself while
 * the process that asks for a rule stands still.
 */

import { existsSync } from 'node:fs';

import { startScript } from '../../io/processes/script.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

/** Exists in a network namespace once ip_vs is there, as module or built in. */
const EVIDENCE = '/proc/net/ip_vs';
/** Milliseconds. Loading takes some of them; at the start whoever takes longer is not waited for. */
const PATIENCE = 2_000;
/** While checks go on there is more time. */
const LONG_PATIENCE = 10_000;
/** What the rules of FULLNAT and nftables_ipvs are made of; built in, they may be unknown to modprobe. */
const FILTER_MODULES = ['nf_conntrack', 'nf_tables', 'nft_chain_nat', 'nft_ct', 'nft_masq'] as const;

/** Calls back once, when ip_vs is there, was loaded or cannot be: whether it is there is for the IPVS port to find out. */
export function loadIpvsModule(tell: (note: LifecycleNote) => void, done: () => void): void {
  if (existsSync(EVIDENCE)) {
    done();
    return;
  }
  runModprobe(['ip_vs'], PATIENCE, (reason) => {
    if (reason !== undefined) tell({ type: 'moduleNotLoaded', module: 'ip_vs', reason });
  }, done);
}

/** The same for rules of the packet filter. What is missing after that the kernel says when it refuses a rule. */
export function loadFilterModules(done: () => void): void {
  if (FILTER_MODULES.every((name) => existsSync(`/sys/module/${name}`))) done();
  else runModprobe(['-a', '-q', ...FILTER_MODULES], LONG_PATIENCE, () => undefined, done);
}

/** `onEnd` hears why it failed, if it did, even when that is late; `done` is called once, after `patience` at the latest. */
function runModprobe(words: readonly string[], patience: number, onEnd: (reason: string | undefined) => void, done: () => void): void {
  let called = false;
  const finish = (): void => {
    if (called) return;
    called = true;
    clearTimeout(timer);
    done();
  };
  const timer = setTimeout(finish, patience);
  const script = startScript(['modprobe', ...words], undefined, (ending) => {
    const reason = ending.type === 'killed' ? `signal ${ending.signal}` : `status ${ending.status}`;
    onEnd(reason === 'status 0' ? undefined : reason);
    finish();
  });
  if ('code' in script) {
    onEnd(script.code);
    finish();
  }
}
