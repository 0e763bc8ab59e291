/** Whole configurations from the keyword tables: definitions first, then what refers to them, in a text with odd habits. */

import { globalDefinitions } from '../../../src/conf/keywords/global.js';
import { topLevel } from '../../../src/conf/keywords/top-level.js';
import type { Keyword } from '../../../src/conf/keywords/schema.js';
import { argumentsOf } from './arguments.js';
import { blockItems, countWritten, entryItems, keywordItem, weightOf } from './blocks.js';
import type { Item } from './blocks.js';
import type { Choices } from './choices.js';
import { createWorld, freshAddress } from './entries.js';
import type { World } from './entries.js';
import type { Demand } from './demands.js';
import { write } from './text.js';
import type { Files } from './text.js';

const ROWS: Readonly<Record<string, Keyword<unknown>>> = topLevel.keywords;

/**
 * The files of one configuration; the first one is `main.conf`. `demanded` is among what stands in it, nearly always; what
 * stands in it is added to `written`. Both in the words of `demands`.
 */
export function generateConfiguration(choices: Choices, demanded: Demand, written: Set<string>): Files {
  const world = createWorld(new Set(demanded));
  const items: Item[] = [];
  if (choices.chance(0.97)) items.push({ text: 'global_defs', items: [{ text: 'enable_script_security' }, { text: 'script_user root' }] });
  for (const [keyword, probability, most] of PARTS) {
    const row = ROWS[keyword];
    if (row === undefined) continue;
    const alone = (keyword === 'vrrp_sync_group' || keyword === 'track_group') && world.instances.length < 2 && !choices.chance(0.02);
    const least = world.demanded.has(`top-level ${keyword}`) ? 1 : 0;
    for (let i = 0; i < least || (!alone && i < most && choices.chance(probability)); i += 1) items.push(part(choices, keyword, row, world));
  }
  const rest = Object.entries(ROWS)
    .map(([keyword, row]): readonly [number, readonly [string, Keyword<unknown>]] => [weightOf('top-level', keyword, row, world), [keyword, row]])
    .filter(([weight, [keyword]]) => weight > 0 && !NAMED.has(keyword));
  const asked = Object.entries(ROWS).filter(([keyword]) => world.demanded.has(`top-level ${keyword}`) && !NAMED.has(keyword));
  while (asked.length > 0 || choices.chance(0.25)) {
    const [keyword, row] = asked.pop() ?? choices.weighted(rest);
    items.splice(choices.integer(0, items.length), 0, keywordItem(choices, keyword, row, world));
  }
  for (const item of items) {
    countWritten(world, topLevel, item);
    if (item.text === 'global_defs') for (const line of item.items ?? []) countWritten(world, globalDefinitions, line);
  }
  for (const entry of world.written) written.add(entry);
  return write(choices, items);
}

/** In the order in which they may refer to each other: keyword, how likely one (and one more) stands there, most of them. */
const PARTS: readonly (readonly [keyword: string, probability: number, most: number])[] = [
  ['global_defs', 0.4, 1],
  ['vrrp_script', 0.15, 2],
  ['track_file', 0.12, 2],
  ['vrrp_track_process', 0.1, 1],
  ['bfd_instance', 0.12, 2],
  ['static_ipaddress', 0.06, 1],
  ['static_routes', 0.08, 1],
  ['static_rules', 0.08, 1],
  ['garp_group', 0.04, 1],
  ['vrrp_instance', 0.5, 3],
  ['vrrp_sync_group', 0.3, 1],
  ['track_group', 0.2, 1],
  ['virtual_server_group', 0.1, 1],
  ['virtual_server', 0.45, 2],
];

const NAMED: ReadonlySet<string> = new Set(PARTS.map(([keyword]) => keyword));

type Part = (choices: Choices, row: Keyword<unknown>, world: World) => Item;

function part(choices: Choices, keyword: string, row: Keyword<unknown>, world: World): Item {
  const own = OWN[keyword];
  return own === undefined ? keywordItem(choices, keyword, row, world) : own(choices, row, world);
}

/** A block with a name of its own that later ones may refer to. */
function named(keyword: string, names: (world: World) => string[]): Part {
  return (choices, row, world) => {
    const list = names(world);
    const name = list.length > 0 && choices.chance(0.015) ? choices.pick(list) : `${keyword.slice(0, 2)}${list.length}`;
    world.family = choices.chance(0.8) ? 'ipv4' : 'ipv6';
    const items = row.block === undefined ? entryItems(choices, keyword, world) : blockItems(choices, row.block, world);
    list.push(name);
    return { text: choices.chance(0.008) ? keyword : `${keyword} ${name}`, items };
  };
}

const OWN: Readonly<Record<string, Part>> = {
  vrrp_script: named('vrrp_script', ({ scripts }) => scripts),
  track_file: named('track_file', ({ files }) => files),
  vrrp_track_process: named('vrrp_track_process', ({ processes }) => processes),
  bfd_instance: named('bfd_instance', ({ bfds }) => bfds),
  vrrp_instance: named('vrrp_instance', ({ instances }) => instances),
  virtual_server_group: named('virtual_server_group', ({ serverGroups }) => serverGroups),
  vrrp_sync_group: (choices, row, world) => ({
    text: `vrrp_sync_group ${choices.pick(['g', 'group1'])}`,
    items: row.block === undefined ? [] : blockItems(choices, row.block, world),
  }),
  virtual_server: (choices, row, world) => {
    world.family = choices.chance(0.85) ? 'ipv4' : 'ipv6';
    const [group] = world.serverGroups;
    world.marked = group === undefined && choices.chance(0.1);
    const header = group !== undefined ? `group ${group}` : world.marked ? `fwmark ${world.counter + 1}` : `${freshAddress(world)} 80`;
    const text = choices.chance(0.03) ? `virtual_server ${argumentsOf(choices, 'virtual_server', row, 0.5)}` : `virtual_server ${header}`;
    return { text, items: row.block === undefined ? [] : blockItems(choices, row.block, world) };
  },
};
