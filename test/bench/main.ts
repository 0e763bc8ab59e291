/**
 * `npm run bench [-- NAME...] [--runs=N] [--event=WORD] [--interval=SECONDS] [--parallel=N]
 * [--count=N] [--held=N] [--rate=N] [--restarts=N] [--kernel=NAME]`: every figure for keepalived and for holdfast, measured in the same run.
 */

import { kernelNamed } from '../lab/kernel.js';
import { benchChecks } from './checks.js';
import { benchContinuity } from './continuity.js';
import { benchDashboard } from './dashboard.js';
import { benchFailover } from './failover.js';
import { benchFirstAdvert } from './first-advert.js';
import { benchFlood } from './flood.js';
import { benchHostile } from './hostile.js';
import { benchJitter } from './jitter.js';
import { benchKills } from './kills.js';
import { benchOutage } from './outage.js';
import { benchParse } from './parse.js';
import { benchReloads } from './reloads.js';
import { benchRepair } from './repair.js';
import { benchRestart } from './restart.js';
import { benchScale } from './scale.js';
import { benchSlowClients } from './slow-clients.js';
import { benchStart } from './start.js';
import { benchStatus } from './status.js';

const words = process.argv.slice(2);
const option = (name: string): string | undefined => words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);

const BENCHMARKS: Readonly<Record<string, () => Promise<string>>> = {
  parse: benchParse,
  start: () => benchStart(kernelNamed(option('kernel')), Number(option('runs') ?? 5), option('count') === undefined ? undefined : [Number(option('count'))]),
  advert: () => benchFirstAdvert(Number(option('runs') ?? 10)),
  checks: () => benchChecks({ seconds: Number(option('runs') ?? 15), word: option('event'), count: option('count') === undefined ? undefined : Number(option('count')) }),
  hostile: () => benchHostile({ servers: Number(option('count') ?? 1_000), seconds: Number(option('runs') ?? 300), kind: option('event') }),
  jitter: benchJitter,
  flood: () => benchFlood(option('event')),
  scale: () => benchScale(option('count') === undefined ? undefined : Number(option('count'))),
  failover: () =>
    benchFailover({
      runs: Number(option('runs') ?? 20),
      parallel: Number(option('parallel') ?? 10),
      event: option('event') ?? '',
      interval: option('interval') === undefined ? undefined : Number(option('interval')),
    }),
  continuity: () =>
    benchContinuity({
      kernel: kernelNamed(option('kernel')),
      kept: Number(option('held') ?? 100),
      lines: Number(option('count') ?? 1_000),
      rate: Number(option('rate') ?? 50),
      reloads: Number(option('runs') ?? 10),
      restarts: Number(option('restarts') ?? 2),
    }),
  kills: () => benchKills({ kills: Number(option('count') ?? 1_000), parallel: Number(option('parallel') ?? 2), firstSeed: Number(option('runs') ?? 100), interval: Number(option('interval') ?? 1) }),
  outage: () => benchOutage({ kernel: kernelNamed(option('kernel')), rounds: Number(option('runs') ?? 5), only: option('event') }),
  dashboard: benchDashboard,
  'slow-clients': benchSlowClients,
  status: () => benchStatus(Number(option('runs') ?? 10)),
  reloads: () => benchReloads(Number(option('runs') ?? 1_000)),
  restart: () => benchRestart(Number(option('runs') ?? 3)),
  repair: () => benchRepair(Number(option('runs') ?? 10)),
};

const wanted = words.filter((word) => !word.startsWith('--'));
for (const [name, bench] of Object.entries(BENCHMARKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`\n${await bench()}\n`);
}
