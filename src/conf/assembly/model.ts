/** Values of the outermost level to the model. */

import type { Findings } from '../findings.js';
import type { topLevel } from '../keywords/top-level.js';
import type { Values } from '../keywords/schema.js';
import type { Model } from '../model.js';
import { buildBfd } from './bfd.js';
import { createBuild } from './context.js';
import type { BuildOptions } from './context.js';
import { buildDirector } from './director.js';
import { buildGlobal } from './global.js';
import { buildPool } from './pool.js';

/** keepalived's defaults and corrections applied; each correction is among the findings. */
export function buildModel(
  values: Values<(typeof topLevel)['keywords']>,
  options: BuildOptions,
  findings: Findings,
): Model {
  const build = createBuild(values.global_defs, options, findings);
  return {
    global: buildGlobal(values, build),
    bfd: buildBfd(values, build),
    director: buildDirector(values, build),
    pool: buildPool(values, build),
  };
}
