/** The lines of virtual_rules and static_rules: iproute2's words for a policy rule, as far as keepalived knows them. */

import type { Cidr } from '../../base/address.js';
import type { NumberRange } from '../../vrrp/host/rules.js';
import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote } from './arguments.js';
import { INT32, UINT32 } from './kinds.js';
import {
  nearestOption,
  optionFlag,
  optionName,
  optionNumber,
  optionTable,
  parseNumber,
  readOptions,
  readPrefix,
  valued,
} from './options.js';
import type { Option, OptionLine, OptionTable, OptionValues } from './options.js';
import { familyWord } from './route-options.js';

/** What the rule does, before the name of the table is looked up. */
export type ActionWord =
  | { readonly type: 'table'; readonly table: Word }
  | { readonly type: 'l3mdev' }
  | { readonly type: 'goto'; readonly target: number }
  | { readonly type: 'nop' | 'blackhole' | 'unreachable' | 'prohibit' };

type Every = 'every';

function prefix(doc: string, example: string): Option<Cidr | Every> {
  return valued<Cidr | Every>({ doc, default: 'any', example }, 'PREFIX / all', (word, line) =>
    isEvery(word) ? 'every' : readPrefix(word, line, line.option.text),
  );
}

/** Any address, of whichever family. */
export function isEvery({ text }: Word): boolean {
  return ['all', 'any', 'default'].includes(text);
}

/** `A-B`. */
function range(about: { readonly doc: string; readonly example: string; readonly max: number; readonly costs?: 'option' }): Option<NumberRange> {
  return valued<NumberRange>({ ...about, min: 0, default: 'any' }, 'A-B', (word, line) => {
    const [, first, last] = /^(\d{1,10})-(\d{1,10})$/.exec(word.text) ?? [];
    if (first === undefined || last === undefined) {
      return line.refuse(word, `${line.option.text}: ${quote(word.text)} is not a range`, 'write first and last, like 80-80');
    }
    const found = { first: Number(first), last: Number(last) };
    if (found.first > found.last || found.last > about.max) {
      const message = `${line.option.text}: the kernel refuses ${word.text}`;
      line.findings.report('uselessLine', word, message, `write first-last, at most ${about.max}`);
    }
    return found;
  });
}

/** An empty mask counts as 0, as strtoul has it. */
function mark(word: Word, line: OptionLine): { value: number; mask: number } | undefined {
  const [first = '', second, ...more] = word.text.split('/');
  const value = parseNumber(first, true);
  const mask = second === undefined ? UINT32 : second === '' ? 0 : parseNumber(second, true);
  const usable = [value, mask].every((part) => part !== undefined && part >= 0 && part <= UINT32);
  if (value !== undefined && mask !== undefined && usable && more.length === 0) return { value, mask };
  return line.refuse(word, `fwmark: ${quote(word.text)} is no mark`, 'write N or N/MASK');
}

const MOST_TUNNEL_ID = 18_446_744_073_709_551_615n;

const options = {
  inet: familyWord('ipv4', 'Meant to force IPv4; keepalived skips the word after it.'),
  inet6: familyWord('ipv6', 'Meant to force IPv6; keepalived skips the word after it.'),
  not: optionFlag({ doc: 'The rule is for packets that do not match.', default: 'off' }),
  from: prefix('Source of the packets.', 'from 10.9.0.0/16'),
  to: prefix('Destination of the packets.', 'to 10.9.0.0/16'),
  preference: optionNumber({
    doc: 'Place of the rule: smaller numbers come first.',
    default: 'counted down from 16384',
    min: 0,
    max: UINT32,
    anyBase: true,
    aliases: ['order', 'priority'],
  }),
  tos: optionName({
    doc: 'Type of service; a name of rt_dsfield or a number.',
    syntax: 'TOS',
    min: 0,
    max: 255,
    default: 'any',
    aliases: ['dsfield'],
    example: 'tos 0x10',
  }),
  fwmark: valued({ doc: 'Firewall mark, compared under the mask.', default: 'any', min: 0, max: UINT32, example: 'fwmark 5/0xff' }, 'N[/MASK]', mark),
  realms: optionName({
    doc: 'IPv4: realms that the rule sets; names of rt_realms or numbers.',
    syntax: '[SRC/]DST',
    default: 'none',
    example: 'realms 1/2',
  }),
  suppress_prefixlength: optionNumber({
    doc: 'Routes with a prefix of at most this length do not count.',
    default: 'none',
    min: 0,
    max: INT32,
    aliases: ['sup_pl'],
  }),
  suppress_ifgroup: optionName({
    doc: 'Routes through interfaces of this group do not count; a name of the file group or a number.',
    syntax: 'GROUP',
    default: 'none',
    aliases: ['sup_group'],
    example: 'suppress_ifgroup 5',
  }),
  dev: optionName({ doc: 'Interface the packets came in by.', syntax: 'IF', default: 'any', aliases: ['iif'], example: 'iif eth0' }),
  oif: optionName({ doc: 'Interface that a local socket is bound to.', syntax: 'IF', default: 'any', example: 'oif eth0' }),
  'tunnel-id': valued<string>({ doc: 'Key of the tunnel the packets came through.', default: 'any', min: 0, example: 'tunnel-id 5' }, 'N', (word, line) => {
    const id = /^\d{1,20}$/.test(word.text) ? BigInt(word.text) : undefined;
    if (id !== undefined && id <= MOST_TUNNEL_ID) return id.toString();
    return line.refuse(word, `tunnel-id: ${quote(word.text)} is not a number of 64 bits`);
  }),
  uidrange: range({ doc: 'User ids that own the local socket.', example: 'uidrange 0-99', max: UINT32 }),
  protocol: optionNumber({
    doc: 'Who the rule is from. Another than keepalived needs no_track.',
    default: 'keepalived (18)',
    min: 0,
    max: 255,
    costs: 'option',
    example: 'protocol 5 no_track',
  }),
  ipproto: optionName({ doc: 'Protocol of the packets; its name or number.', syntax: 'NAME / N', min: 0, max: 255, default: 'any', costs: 'option', example: 'ipproto tcp' }),
  sport: range({ doc: 'Source ports; a single one is written as a range too.', example: 'sport 80-81', max: 65_535, costs: 'option' }),
  dport: range({ doc: 'Destination ports; a single one is written as a range too.', example: 'dport 80-80', max: 65_535, costs: 'option' }),
  no_track: optionFlag({ doc: 'Nothing happens when somebody else removes the rule.', default: 'off' }),
  table: valued<ActionWord>(
    {
      doc: 'Look the route up in this table; a name of rt_tables or a number.',
      default: 'an action is required',
      aliases: ['lookup'],
      min: 1,
      max: UINT32,
      example: 'table 100',
    },
    'TABLE',
    (word) => ({ type: 'table', table: word }),
  ),
  l3mdev: action('l3mdev', 'Look the route up in the table of the VRF of the interface.'),
  goto: valued<ActionWord>({ doc: 'Go on with the rule of that preference, which must come later.', default: 'none', min: 0, max: UINT32, example: 'goto 200 preference 100' }, 'N', (word, line) => {
    const target = parseNumber(word.text, true);
    if (target !== undefined && target >= 0 && target <= UINT32) return { type: 'goto', target };
    return line.refuse(word, `goto: ${quote(word.text)} is no preference`, 'write the preference of a later rule');
  }),
  nop: action('nop', 'Do nothing: the target of a goto.'),
  blackhole: action('blackhole', 'Drop the packets.'),
  unreachable: action('unreachable', 'Answer that the network is unreachable.'),
  prohibit: action('prohibit', 'Answer that it is prohibited.'),
  type: type(),
};

function action(type: Exclude<ActionWord['type'], 'table' | 'goto'>, doc: string): Option<ActionWord> {
  return { doc, syntax: '', costs: 'option', read: () => ({ type }) };
}

function type(): Option<never> {
  return {
    doc: 'May stand before an action.',
    syntax: 'ACTION',
    default: 'none',
    example: 'type blackhole',
    costs: 'option',
    read(line) {
      if (line.peek() === undefined) line.next();
      return undefined;
    },
  };
}

const ACTIONS = ['table', 'l3mdev', 'goto', 'nop', 'blackhole', 'unreachable', 'prohibit'] as const;

export const virtualRuleOptions = optionTable('virtual_rules', 'rule', options);

export const staticRuleOptions = optionTable('static_rules', 'rule', {
  ...options,
  track_group: optionName({
    doc: 'The instances of this group are in FAULT while the interface of the rule is down.',
    syntax: 'NAME',
    default: 'none',
    costs: 'option',
    example: 'track_group group1',
  }),
});

/** One line, before the names in it are looked up. */
export interface RuleEntry {
  readonly at: Word;
  readonly action: ActionWord;
  /** What stands behind each `from` and `to`, those that are replaced too. */
  readonly prefixes: readonly Word[];
  readonly options: OptionValues<(typeof staticRuleOptions)['options']>;
}

/** Reads options in any order, one action among them; undefined when the line is dropped. */
export function readVirtualRule(words: readonly Word[], findings: Findings): RuleEntry | undefined {
  return readRule(virtualRuleOptions, words, findings);
}

export function readStaticRule(words: readonly Word[], findings: Findings): RuleEntry | undefined {
  return readRule(staticRuleOptions, words, findings);
}

type AnyRuleTable = Pick<OptionTable<typeof options>, 'name' | 'subject' | 'bare' | 'index' | 'options'>;

function readRule(table: AnyRuleTable, words: readonly Word[], findings: Findings): RuleEntry | undefined {
  const [at] = words;
  if (at === undefined) return undefined;
  const actions: Word[] = [];
  const prefixes: Word[] = [];
  const values: RuleEntry['options'] | undefined = readOptions(
    table,
    words,
    findings,
    (line, word) => {
      line.refuse(word, `${quote(word.text)} is no option of a rule`, nearestOption(table, word));
      return 'drop';
    },
    (key, word, value) => {
      if (ACTIONS.some((name) => name === key)) actions.push(word);
      if ((key === 'from' || key === 'to') && value !== undefined) prefixes.push(value);
    },
  );
  const [, second] = actions;
  if (values === undefined) return undefined;
  if (second !== undefined) {
    findings.report('contradiction', second, 'a rule has one action only; the rule is skipped', `leave out ${second.text}`);
    return undefined;
  }
  const action = ACTIONS.map((name) => values[name]?.value).find((value) => value !== undefined);
  if (action !== undefined) return { at, action, prefixes, options: values };
  findings.report('badValue', at, 'a rule needs an action; the rule is skipped', 'write: table N');
  return undefined;
}
