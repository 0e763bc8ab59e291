/**
 * Blocks of keywords, made from the keyword tables: whatever stands in a table is written into configurations, without
 * being named here. Named here is only what a block cannot do without, and what should stand in it more or less often.
 */

import type { BlockTable, Keyword, Keywords } from '../../../src/conf/keywords/schema.js';
import { present } from '../../../src/base/invariant.js';
import { NEWER_KEYWORDS } from '../differential-exceptions.js';
import { argumentsOf } from './arguments.js';
import type { Choices } from './choices.js';
import { ENTRIES, freshAddress, PLAIN_LINES } from './entries.js';
import type { World } from './entries.js';

/** A line, with its block when it opens one. */
export interface Item {
  readonly text: string;
  readonly items?: readonly Item[];
}

/** How likely a line has something wrong. */
const ODD_LINE = 0.012;
const FORGOTTEN = 0.006;

type Needed = (choices: Choices, world: World, table: BlockTable<Keywords>) => readonly Item[];

/** A block by its table: what it needs, and a few more lines in any order. */
export function blockItems(choices: Choices, table: BlockTable<Keywords>, world: World): readonly Item[] {
  const needed = [...(NEEDED[table.name]?.(choices, world, table) ?? []), ...servers(choices, table, world)].filter(() => !choices.chance(FORGOTTEN));
  const there = new Set(needed.map(wordOf));
  const candidates = Object.entries(table.keywords)
    .map(([key, row]): readonly [number, readonly [string, Keyword<unknown>]] => [weightOf(table.name, key, row, world), [key, row]])
    .filter(([weight, [key]]) => weight > 0 && !there.has(key));
  const lines: Item[] = [];
  const count = candidates.length === 0 ? 0 : choices.pick(table.name === 'real_server' ? [1, 1, 2, 3] : [0, 1, 2, 3, 5]);
  const used = new Set<string>();
  const demanded = Object.entries(table.keywords).filter(([key]) => !there.has(key) && world.demanded.has(`${table.name} ${key}`));
  for (let i = 0; i < count + demanded.length; i += 1) {
    const [key, row] = demanded[i] ?? choices.weighted(candidates);
    if (used.has(key) && !row.opensBlock && !choices.chance(0.05)) continue;
    used.add(key);
    const companions = choices.chance(0.95) ? (COMPANIONS[key]?.(choices, world, table) ?? []) : [];
    lines.push(...companions, keywordItem(choices, choices.chance(0.1) ? choices.pick([key, ...(row.aliases ?? [])]) : key, row, world));
  }
  // What is needed stands first mostly: some lines look back at it.
  const first = choices.chance(0.85);
  const others = new Set(lines.map(wordOf));
  const left = needed.filter((item) => !REPLACED.has(wordOf(item)) || !others.has(wordOf(item)));
  const items = first ? [...left, ...lines] : [...lines, ...left];
  for (const item of items) countWritten(world, table, item);
  return items;
}

function wordOf({ text }: Item): string {
  return text.split(' ')[0] ?? '';
}

/** Into `world.written`, by the keyword's first name. */
export function countWritten({ written }: World, table: BlockTable<Keywords>, item: Item): void {
  const word = wordOf(item);
  const key = word in table.keywords ? word : Object.entries(table.keywords).find(([, { aliases }]) => aliases?.includes(word))?.[0];
  if (key === undefined) return;
  written.add(`${table.name} ${key}`);
  const { options } = table.keywords[key] ?? {};
  for (const entry of options === undefined ? [] : (item.items ?? [])) {
    for (const option of entry.text.split(' ')) written.add(`${options?.name ?? ''} option ${option}`);
  }
}

export function keywordItem(choices: Choices, keyword: string, row: Keyword<unknown>, world: World): Item {
  if (!row.opensBlock) return { text: `${keyword} ${argumentsOf(choices, keyword, { ...row, family: world.family }, ODD_LINE)}`.trim() };
  const header = keyword === 'real_server' ? ` ${freshAddress(world)}${world.marked ? '' : ' 80'}` : /^\{/.test(row.syntax) ? '' : ` ${argumentsOf(choices, keyword, row, ODD_LINE)}`;
  const items = row.block === undefined ? withOptions(choices, world, row, entryItems(choices, keyword, world)) : blockItems(choices, row.block, world);
  return { text: `${keyword}${header}`.trim(), items };
}

export function entryItems(choices: Choices, keyword: string, world: World, most = 3): readonly Item[] {
  const line = ENTRIES[keyword];
  const count = choices.chance(0.02) ? 0 : choices.integer(1, most);
  const lines = Array.from({ length: count }, () => line?.(choices, world) ?? 'foo');
  const first = new Map(lines.map((text) => [text.split(' ')[0], text]));
  return (choices.chance(0.97) ? [...first.values()] : lines).map((text) => ({ text }));
}

/** Now and then an option of the lines' own table, whatever it is. */
function withOptions(choices: Choices, world: World, { options }: Keyword<unknown>, items: readonly Item[]): readonly Item[] {
  if (options === undefined) return items;
  const rows = Object.entries(options.options);
  const theirs = rows.filter(([, { own }]) => own !== true);
  return items.map((item, i) => {
    const demanded = i === 0 ? rows.find(([key]) => world.demanded.has(`${options.name} option ${key}`)) : undefined;
    if (demanded === undefined && (theirs.length === 0 || !choices.chance(0.12))) return item;
    const [key, row] = demanded ?? choices.pick(theirs);
    const name = choices.chance(0.2) ? choices.pick([key, ...(row.aliases ?? [])]) : key;
    const option = row.example !== undefined && choices.chance(0.7) ? row.example : `${name} ${argumentsOf(choices, name, { ...row, family: world.family }, ODD_LINE)}`;
    const plain = demanded === undefined ? undefined : PLAIN_LINES[options.name.replace(/^static|^virtual/, '')]?.(key, world);
    return { text: `${plain ?? item.text} ${option}`.trim() };
  });
}

function servers(choices: Choices, { keywords }: BlockTable<Keywords>, world: World): readonly Item[] {
  const row = keywords['real_server'];
  const count = row === undefined ? 0 : choices.integer(1, 2);
  return Array.from({ length: count }, () => keywordItem(choices, 'real_server', present(row, 'counted'), world));
}

/** What a block cannot do without. */
const NEEDED: Readonly<Record<string, Needed>> = {
  vrrp_instance: (choices, world) => [
    { text: 'interface eth0' },
    { text: `virtual_router_id ${choices.chance(0.95) ? (world.instances.length % 255) + 1 : 1}` },
    ...(world.family === 'ipv6' && choices.chance(0.5) ? [{ text: 'version 3' }] : []),
    { text: 'virtual_ipaddress', items: entryItems(choices, 'virtual_ipaddress', world) },
  ],
  'vrrp_instance/authentication': (choices) => [{ text: `auth_type ${choices.pick(['PASS', 'PASS', 'AH'])}` }, { text: 'auth_pass 1111' }],
  vrrp_sync_group: (_choices, { instances }) => [{ text: 'group', items: instances.map((text) => ({ text })) }],
  track_group: (_choices, { instances }) => [{ text: 'group', items: instances.map((text) => ({ text })) }],
  vrrp_script: () => [{ text: 'script /bin/true' }],
  track_file: (choices) => [{ text: `file /tmp/holdfast-${choices.integer(1, 9)}` }],
  vrrp_track_file: (choices) => [{ text: `file /tmp/holdfast-${choices.integer(1, 9)}` }],
  vrrp_track_process: () => [{ text: 'process nginx' }],
  bfd_instance: (_choices, world) => [{ text: `neighbor_ip 192.0.2.${100 + world.bfds.length}` }],
  garp_group: () => [{ text: 'garp_interval 0.5' }, { text: 'interface eth0' }],
  virtual_server: (choices, { marked }) => [
    { text: `lb_algo ${choices.pick(['rr', 'wrr', 'wlc', 'sh', 'mh', 'lc'])}` },
    { text: `lb_kind ${choices.pick(['NAT', 'NAT', 'DR', 'TUN'])}` },
    ...(marked ? [] : [{ text: `protocol ${choices.pick(['TCP', 'TCP', 'UDP', 'tcp', 'SCTP'])}` }]),
  ],
  HTTP_GET: url,
  SSL_GET: url,
  'HTTP_GET/url': () => [{ text: 'path /' }],
  'SSL_GET/url': () => [{ text: 'path /' }],
  MISC_CHECK: () => [{ text: 'misc_path /bin/true' }],
  BFD_CHECK: (choices, { bfds }) => [{ text: `name ${bfds.length === 0 ? 'nobfd' : choices.pick(bfds)}` }],
  FILE_CHECK: (choices, { files }) => [{ text: `track_file ${files.length === 0 ? 'nofile' : choices.pick(files)}` }],
};

const SOURCE_HASHING = (): readonly Item[] => [{ text: 'lb_algo sh' }];
const MAGLEV = (): readonly Item[] => [{ text: 'lb_algo mh' }];
const SORRY: Needed = (_choices, world) => [{ text: `sorry_server ${freshAddress(world)} 80` }];
const VIRTUAL_MAC = (): readonly Item[] => [{ text: 'use_vmac' }];
const PEERS: Needed = (choices, world) => [{ text: 'unicast_peer', items: entryItems(choices, 'unicast_peer', world) }];

/** Lines that a keyword makes sense with, written above it mostly. */
const COMPANIONS: Readonly<Record<string, Needed>> = {
  'sh-port': SOURCE_HASHING,
  'sh-fallback': SOURCE_HASHING,
  'mh-port': MAGLEV,
  'mh-fallback': MAGLEV,
  hashed: SOURCE_HASHING,
  ops: () => [{ text: 'protocol UDP' }],
  sorry_server_inhibit: SORRY,
  sorry_server_lvs_method: SORRY,
  vmac_xmit_base: VIRTUAL_MAC,
  use_vmac: () => [{ text: 'vmac_xmit_base' }],
  hysteresis: () => [{ text: 'quorum 3' }],
  unicast_ttl: PEERS,
  unicast_src_ip: PEERS,
  unicast_fault_no_peer: PEERS,
  check_unicast_src: PEERS,
  old_unicast_checksum: PEERS,
  track_src_ip: () => [{ text: 'mcast_src_ip 192.0.2.1' }],
};

/** What is needed but not when another line of the block says it already. */
const REPLACED: ReadonlySet<string> = new Set(['lb_algo', 'protocol']);

/** Names that a keyword refers to: without any it is written seldom. */
const REFERENCES: Readonly<Record<string, (world: World) => readonly string[]>> = {
  FILE_CHECK: ({ files }) => files,
  BFD_CHECK: ({ bfds }) => bfds,
  track_script: ({ scripts }) => scripts,
  track_file: ({ files }) => files,
  track_process: ({ processes }) => processes,
  track_bfd: ({ bfds }) => bfds,
  track_group: ({ instances }) => instances,
};

function url(choices: Choices, world: World, { keywords }: BlockTable<Keywords>): readonly Item[] {
  return [keywordItem(choices, 'url', present(keywords['url'], 'of every web check'), world)];
}

/** Those not named here weigh 1; 0 is for what `NEEDED` writes alone. By keyword, or by block and keyword. */
const WEIGHTS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(NEWER_KEYWORDS.map((keyword) => [keyword, 0.05])),
  'vrrp_instance interface': 0,
  'vrrp_instance virtual_router_id': 0,
  'vrrp_instance native_ipv6': 0.1,
  'vrrp_instance nopreempt': 0.5,
  'vrrp_instance unicast_peer': 2,
  'vrrp_instance virtual_routes': 3,
  'vrrp_instance virtual_rules': 3,
  'virtual_server real_server': 0,
  vmac_garp_intvl: 0.3,
  vrrp_vmac_garp_intvl: 0.3,
  vrrp_track_file: 0.03,
  'garp_group interface': 0.1,
  'garp_group interfaces': 0.1,
  vrf: 0.2,
  ip_family: 0.2,
  // These depend on what the machine has.
  net_namespace: 0,
  net_namespace_ipvs: 0.1,
  hashed: 0.2,
  quorum: 0.3,
  hysteresis: 0.2,
  mcast_dst_ip: 0.4,
  min_reply_length: 0.3,
  enable_script_security: 0,
  script_user: 0.2,
  nb_get_retry: 0.2,
  lvs_sync_daemon_interface: 0.1,
  linkbeat_use_polling: 0.2,
  vrrp_iptables: 0.2,
  vrrp_ipsets: 0.2,
  global_tracking: 0.2,
};

/** How often a keyword is drawn where it may stand. Words of our own are written only on demand: keepalived knows none. */
export function weightOf(block: string, keyword: string, { own }: Keyword<unknown>, world: World): number {
  if (own === true) return 0;
  const nobody = block !== 'top-level' && REFERENCES[keyword]?.(world).length === 0;
  return nobody ? 0.04 : (WEIGHTS[`${block} ${keyword}`] ?? WEIGHTS[keyword] ?? 1);
}
