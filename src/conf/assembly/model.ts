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
import { checkScripts } from './script-security.js';
import { trackedPools } from './tracked-pools.js';
import { buildTrackFiles } from './trackers.js';

/** keepalived's defaults and corrections applied; each correction is among the findings. */
export function buildModel(
  values: Values<(typeof topLevel)['keywords']>,
  options: BuildOptions,
  findings: Findings,
): Model {
  const build = createBuild(values.global_defs, options, findings);
  const global = buildGlobal(values, build);
  const bfd = buildBfd(values, build);
  buildTrackFiles(values, build);
  const pool = buildPool(values, build);
  build.virtualServers = pool.virtualServers;
  const others = build.commands.splice(0);
  const director = buildDirector(values, build);
  if (!global.enableScriptSecurity) checkScripts(values, build, others);
  const tracked = trackedPools(director);
  return { global, bfd, director, pool: tracked.length === 0 ? pool : { ...pool, tracked } };
}
