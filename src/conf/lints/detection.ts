/** What the checks of a server amount to: how soon a dead one is noticed, and whether the figures fit each other. */

import type { CheckerConfig } from '../../health/config-check.js';
import type { RealServerConfig, VirtualServerConfig } from '../../health/config.js';
import type { LintSubject } from './subject.js';
import { placeOfBlock, placeOfValue } from '../origins.js';
import { attemptLimit, inSeconds, worstDetectionTime } from './detection-time.js';

/** One figure for all servers of a service that have the same checks, at the first of them. */
export function lintDetectionTime({ model, origins, findings }: LintSubject): void {
  for (const service of model.pool.virtualServers) {
    for (const [figure, servers] of figures(service)) {
      const [first] = servers;
      const block = first === undefined ? undefined : origins.realServers.get(first);
      if (first === undefined || block === undefined) continue;
      const who = servers.length === 1 ? first.address : `one of ${servers.length} servers like ${first.address}`;
      const message = `${service.name}: when ${who} dies, it is taken out after at most ${figure}`;
      findings.report('detectionTime', placeOfBlock(block), message, first.checkers.filter((checker) => worstDetectionTime(checker) !== undefined).map(explain).join('; '));
    }
  }
}

function figures({ realServers }: VirtualServerConfig): ReadonlyMap<string, readonly RealServerConfig[]> {
  const found = new Map<string, RealServerConfig[]>();
  for (const server of realServers) {
    // The first checker that fails takes the server down, and all of them can be at their worst at the same time.
    const times = server.checkers.flatMap((checker) => worstDetectionTime(checker) ?? []);
    if (times.length === 0) continue;
    const silent = inSeconds(Math.min(...times.map((time) => time.silent)));
    const dripping = inSeconds(Math.min(...times.map((time) => time.dripping)));
    const figure = silent === dripping ? silent : `${silent}, and ${dripping} when it answers byte by byte`;
    const same = found.get(figure);
    if (same === undefined) found.set(figure, [server]);
    else same.push(server);
  }
  return found;
}

function explain({ check, delayLoop, retry, delayBeforeRetry }: CheckerConfig): string {
  const limit = check.type === 'MISC_CHECK' ? 'misc_timeout' : 'connect_timeout';
  const attempts = `${retry + 1} x ${limit} ${inSeconds(attemptLimit(check))}`;
  const pauses = retry === 0 ? '' : ` + ${retry} x delay_before_retry ${inSeconds(delayBeforeRetry)}`;
  const urls = 'urls' in check ? check.urls.length : 1;
  const turns = urls < 2 ? '' : ` (a url that fails alone is asked every ${urls} x delay_loop)`;
  return `${check.type}: delay_loop ${inSeconds(delayLoop)} + ${attempts}${pauses}${turns}`;
}

/** A dead server is asked for longer than the pause between two checks: delay_loop says little about how soon it is noticed. */
export function lintSlowRetries({ model, origins, findings }: LintSubject): void {
  for (const { name, realServers } of model.pool.virtualServers) {
    const told = new Set<string>();
    for (const checker of realServers.flatMap(({ checkers }) => checkers)) {
      const block = origins.checkers.get(checker);
      // A program seldom takes all the time that it may.
      if (checker.check.type === 'MISC_CHECK') continue;
      const asking = checker.check.connection.connectTimeout * (checker.retry + 1);
      const key = `${checker.check.type} ${asking} ${checker.delayLoop}`;
      if (block === undefined || asking <= checker.delayLoop || told.has(key)) continue;
      told.add(key);
      findings.report(
        'slowRetries',
        placeOfValue(block, 'connect_timeout', 'retry'),
        `${name}: ${checker.retry + 1} attempts of up to ${inSeconds(checker.check.connection.connectTimeout)} ` +
          `take longer than the delay_loop of ${inSeconds(checker.delayLoop)}`,
        'lower connect_timeout or retry',
      );
    }
  }
}
