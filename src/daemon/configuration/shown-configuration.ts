/** The configuration in force for whoever may give commands, so that another one can be compared with it. No secret is in it. */

import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';

import { sealed } from '../../conf/sealing.js';
import { SHOW_CONFIGURATION } from '../../control/commands.js';
import type { CommandAnswer, RunningConfiguration } from '../../control/commands.js';
import type { GroupMarks } from '../../health/marks.js';
import { configurationIdOf } from './configuration.js';
import type { Loaded } from './configuration-loader.js';
import type { Options } from '../start/options.js';

const KEY_BYTES = 32;

/** Answers what asks for it; undefined for everything else. */
export function createConfigurationShow(options: () => Pick<Options, 'configurationFile' | 'configId'>, inForce: () => Loaded | undefined, marks: () => GroupMarks): (value: unknown) => CommandAnswer | undefined {
  // One for as long as the daemon runs: each further seal of a secret would tell more of it.
  const key = randomBytes(KEY_BYTES);
  return (value) => {
    if (typeof value !== 'object' || value === null || !('action' in value) || value.action !== SHOW_CONFIGURATION.action) return undefined;
    const loaded = inForce();
    if (loaded === undefined) return { done: false, error: 'no configuration is in force yet' };
    const { configurationFile, configId } = options();
    const shown: RunningConfiguration = {
      version: 1,
      file: resolve(configurationFile),
      configurationId: configurationIdOf(configId),
      generation: loaded.generation,
      sealingKey: key.toString('hex'),
      model: sealed(loaded.model, key),
      marks: marks(),
    };
    return { done: true, changed: [], shown: JSON.stringify(shown) };
  };
}
