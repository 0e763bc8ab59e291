/** interface_up_down_delays, linkbeat_interfaces and track_group: blocks about links and what depends on them. */

import { micros } from '../../base/time.js';
import type { LinkDelayConfig, LinkPollingConfig, StaticTrackGroupConfig } from '../../vrrp/config/track.js';
import type { Word } from '../cst.js';
import type { DelayEntry } from '../keywords/links.js';
import type { Located, Values } from '../keywords/schema.js';
import type { topLevel } from '../keywords/top-level.js';
import { blockName, interfaceExists, interfaceHint } from './context.js';
import type { Build } from './context.js';
import type { BuiltInstance } from './built-instance.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;

/** The last line of an interface counts. A change must be believed before a backup would take over. */
export function buildLinkDelays(top: TopLevel, build: Build, instances: readonly BuiltInstance[]): readonly LinkDelayConfig[] {
  const delays = new Map<string, LinkDelayConfig>();
  for (const entry of top.interface_up_down_delays?.value ?? []) {
    if (!linkMayExist(build, entry.interface, entry.at)) continue;
    delays.set(entry.interface, limited(build, entry, instances));
  }
  return [...delays.values()].filter(({ down, up }) => down > 0 || up > 0);
}

/**
 * A master that is slow to notice that its link is down must notice before others have taken over: both delays end before
 * the adverts that may be missed do.
 */
function limited(build: Build, entry: DelayEntry, instances: readonly BuiltInstance[]): LinkDelayConfig {
  const { interface: name, down, up } = entry;
  const limits = instances
    .filter(({ config }) => config.interface === name)
    .map(({ config: { downTimerAdverts, advertInterval: interval } }) =>
      downTimerAdverts === 1 ? 0 : (downTimerAdverts - 1) * interval - Math.floor(interval / 256),
    );
  const limit = Math.min(...limits);
  if (down <= limit && up <= limit) return { interface: name, down, up };
  const message = `the delays of ${name} must end before an instance on it counts as dead: ${limit / 1_000_000} s at most`;
  build.findings.report('adjusted', entry.at, message, 'shorten them, or raise advert_int or down_timer_adverts');
  return { interface: name, down: micros(Math.min(down, limit)), up: micros(Math.min(up, limit)) };
}

/** Undefined when no link is asked for. */
export function buildLinkPolling(top: TopLevel, build: Build, instances: readonly BuiltInstance[]): LinkPollingConfig | undefined {
  const interfaces = new Map<string, LinkPollingConfig['interfaces'][number]>();
  for (const { at, interface: name, method } of top.linkbeat_interfaces?.value ?? []) {
    if (linkMayExist(build, name, at)) interfaces.set(name, method === undefined ? { interface: name } : { interface: name, method });
  }
  for (const { config, pollsLink } of instances) {
    if (pollsLink && !interfaces.has(config.interface)) interfaces.set(config.interface, { interface: config.interface });
  }
  const all = top.linkbeat_use_polling !== undefined;
  return all || interfaces.size > 0 ? { all, interfaces: [...interfaces.values()] } : undefined;
}

/** keepalived starts without such a line; under `-t` it is a problem of its own class. */
function linkMayExist(build: Build, name: string, at: Word): boolean {
  if (interfaceExists(build, name) || build.globals.dynamic_interfaces !== undefined) return true;
  build.findings.report('linkUnknown', at, `there is no interface ${name}; the line is ignored`, interfaceHint(build));
  return false;
}

/** Names that no instance has are reported and left out. */
export function buildTrackGroups(top: TopLevel, build: Build, known: ReadonlySet<string>): readonly StaticTrackGroupConfig[] {
  const groups = new Map<string, StaticTrackGroupConfig>();
  for (const { value } of top.track_group) {
    const name = blockName(value.statement, build.findings);
    if (name === undefined) continue;
    if (groups.has(name.text)) {
      const message = `there is a track_group ${name.text} already; this block is skipped`;
      build.findings.report('duplicateName', name, message, 'rename one of them');
      continue;
    }
    groups.set(name.text, { name: name.text, members: membersOf(build, name, value.values.group, known) });
  }
  return [...groups.values()];
}

function membersOf(
  build: Build,
  group: Word,
  located: Located<readonly Word[]> | undefined,
  known: ReadonlySet<string>,
): readonly string[] {
  const members = new Set<string>();
  for (const word of located?.value ?? []) {
    if (known.has(word.text)) members.add(word.text);
    else build.findings.report('uselessLine', word, `there is no vrrp_instance ${word.text}; it is left out of track_group ${group.text}`);
  }
  return [...members];
}
