/** static_ipaddress, static_routes and static_rules: what belongs to no instance. */

import type { StaticEntry, StaticObjects } from '../../vrrp/config.js';
import type { Word } from '../cst.js';
import type { OptionValue } from '../keywords/options.js';
import type { Values } from '../keywords/schema.js';
import type { topLevel } from '../keywords/top-level.js';
import { buildAddress } from './addresses.js';
import { checkInterface } from './context.js';
import type { Build } from './context.js';
import { buildRoute } from './routes.js';
import { buildRule } from './rules.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;

/** keepalived's, where neither the line nor default_interface names one. */
const FALLBACK_INTERFACE = 'eth0';

/** Undefined when there is none of them. */
export function buildStaticObjects(top: TopLevel, build: Build): StaticObjects | undefined {
  const seen = new Set<string>();
  const groups = new Map(top.track_group.map(({ value, order }) => [value.statement.words[1]?.text ?? '', order]));
  const belongsTo = (options: TieOptions, order: number, tie?: Tie): StaticEntry =>
    trackGroup(build, options, { defined: (groups.get(options.track_group?.value.text ?? '') ?? Infinity) < order, ...tie });
  const addresses = top.static_ipaddress.flatMap(({ value, order }) =>
    value.flatMap((entry) => {
      const { dev } = entry.options;
      const standard = build.globals.default_interface?.value ?? FALLBACK_INTERFACE;
      if (dev === undefined) checkInterface(build, standard, entry.at);
      const address = buildAddress(build, standard, entry, seen);
      return address === undefined ? [] : [{ ...address, ...belongsTo(entry.options, order) }];
    }),
  );
  const routes = top.static_routes.flatMap(({ value, order }) =>
    value.flatMap((entry) => {
      const route = buildRoute(build, entry);
      const { dev } = entry.options;
      return route === undefined ? [] : [{ ...route, ...belongsTo(entry.options, order, { device: dev, subject: 'route' }) }];
    }),
  );
  const rules = top.static_rules.flatMap(({ value, order }) =>
    value.flatMap((entry) => {
      const rule = buildRule(build, entry);
      const { dev } = entry.options;
      return rule === undefined ? [] : [{ ...rule, ...belongsTo(entry.options, order, { device: dev, subject: 'rule' }) }];
    }),
  );
  return addresses.length + routes.length + rules.length === 0 ? undefined : { addresses, routes, rules };
}

interface TieOptions {
  readonly track_group?: OptionValue<Word> | undefined;
  readonly no_track?: OptionValue<true> | undefined;
}

interface Tie {
  readonly device: OptionValue<Word> | undefined;
  readonly subject: 'route' | 'rule';
}

/** Routes and rules need an interface of their own to be tied to the interfaces of others; the group must stand above. */
function trackGroup(
  build: Build,
  { track_group: group, no_track: untracked }: TieOptions,
  { defined, device, subject }: Partial<Tie> & { readonly defined: boolean },
): StaticEntry {
  if (group === undefined) return {};
  const { text } = group.value;
  if (!defined) {
    const message = `there is no track_group ${text} above; it is ignored`;
    build.findings.report('trackerUnknown', group.at, message, `write: track_group ${text} { group { INSTANCE } } before this block`);
    return {};
  }
  if (subject !== undefined && device === undefined) {
    const message = `a static ${subject} without an interface cannot have a track_group; it is ignored`;
    build.findings.report('badGroup', group.at, message, 'add: dev INTERFACE');
    return {};
  }
  if (untracked !== undefined) {
    build.findings.report('uselessLine', group.at, 'track_group and no_track exclude each other; track_group is ignored', 'remove one of them');
    return {};
  }
  return { trackGroup: text };
}
