/**
 * The configuration in force, and how the next one takes its place: read, reported, judged, and compared with the one
 * before. What the daemon does with it is the supervisor's business (supervisor.ts).
 */

import { given } from '../../base/given.js';
import { seconds } from '../../base/time.js';
import type { Model } from '../../conf/model.js';
import type { AccountTable } from '../../io/processes/accounts.js';
import { lookUpAccounts } from '../../io/processes/accounts.js';
import { KernelError } from '../../io/kernel-error.js';
import type { Child, ChildrenConfig, ChildrenEvent } from '../../runtime/children-events.js';
import { modelLines } from '../../runtime/model-text.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { Configuration } from './configuration.js';
import { childrenFor, judgeConfiguration, passesTrial, patienceWith, patienceWithPool, readConfiguration, unchangeable } from './configuration.js';
import type { Options } from '../start/options.js';
import { saveConfiguration } from '../dumps/saved-dumps.js';

/** Of children that hang, until a configuration says otherwise. */
export const ALIVE_TIMEOUT: ChildrenConfig['aliveTimeout'] = { vrrp: seconds(3), checkers: seconds(3), bfd: seconds(3) };

/** keepalived's: what the daemon and its scripts make is theirs alone. */
const STANDARD_UMASK = 0o177;

/** A configuration in force. */
export interface Loaded {
  /** Milliseconds since 1970. */
  readonly loadedAt: number;
  /** 1 at start, one more with each reload. */
  readonly generation: number;
  readonly model: Model;
  readonly accounts: AccountTable;
  /** Those it has work for. */
  readonly children: readonly Child[];
  /** File mode mask. */
  readonly umask: number;
}

export interface ConfigurationLoader {
  /** Reads the files; answers what becomes of it. What is in force stays so unless the answer is `loaded`. */
  readonly load: () => Extract<ChildrenEvent, { type: 'loaded' | 'loadFailed' }>;
  readonly inForce: () => Loaded | undefined;
}

/**
 * `publish` is called for each configuration that is good, before it is in force: a number from it is the status to leave
 * with instead.
 */
export function createConfigurationLoader(
  options: Options,
  tell: (note: LifecycleNote) => void,
  publish: (model: Model, umask: number) => number | undefined,
): ConfigurationLoader {
  let inForce: Loaded | undefined;
  return {
    inForce: () => inForce,
    load: () => {
      const verdict = judge(options, inForce?.model, tell);
      if ('status' in verdict) return { type: 'loadFailed', status: verdict.status };
      const { model, texts } = verdict;
      const umask = options.umask ?? model.global.files?.umask ?? STANDARD_UMASK;
      const fixed = inForce === undefined ? undefined : unchangeable(inForce.model.global, model.global);
      if (fixed !== undefined) {
        tell({ type: 'changeNeedsRestart', what: fixed });
        return { type: 'loadFailed', status: 1 };
      }
      const refusal = publish(model, umask);
      if (refusal !== undefined) return { type: 'loadFailed', status: refusal };
      if (options.dumpConfiguration) for (const text of modelLines(model)) tell({ type: 'configurationLine', text });
      if (inForce === undefined && model.global.scheduling?.automatic.highest === undefined) tell({ type: 'automaticPriorityOpen' });
      const children = childrenFor(model, options);
      const generation = (inForce?.generation ?? 0) + 1;
      const directory = model.global.files?.saveDirectory;
      if (directory !== undefined) saveConfiguration(directory, generation - 1, texts ?? [], tell);
      inForce = { loadedAt: Date.now(), generation, model, accounts: lookUpAccounts(model), children, umask };
      return {
        type: 'loaded',
        generation,
        children,
        childWaitTime: seconds(model.global.childWaitTime),
        aliveTimeout: { ...ALIVE_TIMEOUT, vrrp: patienceWith(model.director), checkers: patienceWithPool(model.pool) },
      };
    },
  };
}

/** The model, or the status to leave with; everything worth knowing has been told. */
function judge(
  options: Options,
  before: Model | undefined,
  tell: (note: LifecycleNote) => void,
): { readonly model: Model; readonly texts?: Configuration['texts'] } | { readonly status: number } {
  const configuration = read(options, tell);
  if (configuration === undefined) return { status: 1 };
  for (const path of configuration.files) tell({ type: 'openingFile', path });
  if (configuration.files.length > 0) tell({ type: 'configurationFile', path: options.configurationFile });
  for (const diagnostic of configuration.diagnostics) tell({ type: 'finding', diagnostic });
  if (!isTrialPassed(configuration, before, tell)) return { status: 1 };
  const { texts } = configuration;
  return { ...judgeConfiguration(configuration, before === undefined ? 'start' : 'reload'), ...given({ texts }) };
}

/** Undefined when its network namespace is out of reach, which has been told then. */
function read(options: Options, tell: (note: LifecycleNote) => void): Configuration | undefined {
  try {
    return readConfiguration(options);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    tell({ type: 'namespaceRefused', reason: error.message });
    return undefined;
  }
}

/** reload_check_config of the configuration in force: a reload must not bring anything that keepalived would warn of. */
function isTrialPassed(configuration: Configuration, before: Model | undefined, tell: (note: LifecycleNote) => void): boolean {
  const checkLog = before?.global.reload?.checkLog;
  if (checkLog === undefined) return true;
  const path = checkLog === '' ? '/dev/null' : checkLog;
  const passes = passesTrial(configuration, path);
  if (passes === false) tell({ type: 'trialFailed', path });
  if (typeof passes === 'string') tell({ type: 'unwritable', path, reason: passes });
  return passes === true;
}
