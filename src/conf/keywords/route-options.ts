/** The lines of virtual_routes and static_routes: iproute2's words for a route, as far as keepalived knows them. */

import { parseCidr } from '../../base/address.js';
import type { Cidr, Family, IpAddress } from '../../base/address.js';
import type { RouteType } from '../../vrrp/host/routes.js';
import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote } from './arguments.js';
import { encap } from './encapsulation.js';
import { UINT32 } from './kinds.js';
import {
  nearestOption,
  optionAddress,
  optionFlag,
  optionName,
  optionNumber,
  optionTable,
  readNumber,
  readOptionAddress,
  readOptions,
  readPrefix,
  valued,
} from './options.js';
import type { Option, OptionLine, OptionTable, OptionValues, Stray } from './options.js';
import { metricOptions } from './route-metrics.js';
import type { About } from './about.js';

export const ROUTE_TYPES: Readonly<Record<string, RouteType>> = {
  unicast: 'unicast',
  local: 'local',
  broadcast: 'broadcast',
  brd: 'broadcast',
  anycast: 'anycast',
  multicast: 'multicast',
  blackhole: 'blackhole',
  unreachable: 'unreachable',
  prohibit: 'prohibit',
  throw: 'throw',
  nat: 'nat',
  xresolve: 'xresolve',
};

/** `default` fits either family: the other words decide. */
export type Destination = Cidr | { readonly every: Family | 'either' };

/** keepalived forgets to look at the word itself and takes the one after it in its place. */
export function familyWord(family: Family, doc: string): Option<Family> {
  return {
    doc,
    syntax: '',
    default: 'deduced',
    example: family === 'ipv4' ? 'inet -' : 'inet6 -',
    costs: 'option',
    read(line) {
      const swallowed = line.next();
      if (swallowed !== undefined) {
        const message = `keepalived takes no notice of ${quote(swallowed.text)} after ${line.option.text}`;
        line.findings.report('uselessLine', swallowed, message, `remove ${line.option.text}: the addresses tell the family`);
      }
      return family;
    },
  };
}

/** `[inet | inet6] ADDR`. */
function gateway(about: About): Option<IpAddress> {
  return {
    ...about,
    syntax: '[inet / inet6] ADDR',
    costs: 'line',
    read(line) {
      const family = line.peek();
      if (family?.text === 'inet' || family?.text === 'inet6') line.next();
      const word = line.next();
      const address = word === undefined ? undefined : readOptionAddress(word, line);
      const mixed = address !== undefined && family?.text === (address.includes(':') ? 'inet' : 'inet6');
      return mixed ? line.refuse(family, `${address} is not of that family`, undefined, 'wrongFamily') : address;
    },
  };
}

const realms = optionName({
  doc: 'IPv4: realms for the traffic classifier; names of rt_realms or numbers.',
  syntax: '[SRC/]DST',
  default: 'none',
  example: 'realms 1/2',
});

const hopOptions = {
  via: gateway({ doc: 'Gateway.', default: 'none', example: 'via 192.0.2.254' }),
  dev: optionName({ doc: 'Interface that packets leave by.', syntax: 'IF', default: 'chosen by the kernel', aliases: ['oif'], example: 'dev eth0' }),
  onlink: optionFlag({ doc: 'The gateway is reachable through the interface, whatever its address.', default: 'off' }),
  encap,
  realms,
};

/** MPLS address translation, which no kernel has. */
const as: Option<never> = {
  doc: 'Understood for compatibility; keepalived ignores it with a message.',
  default: 'none',
  syntax: '[to] ADDR',
  example: 'as to 192.0.2.9',
  costs: 'option',
  read(line) {
    if (line.peek()?.text === 'to') line.next();
    line.next();
    line.refuse(line.option, 'as is for MPLS only', 'remove it');
    return undefined;
  },
};

export const nextHopOptions = optionTable('nexthop_options', 'next hop', {
  ...hopOptions,
  dev: { ...hopOptions.dev, aliases: [] },
  weight: optionNumber({ doc: 'Share of the traffic.', default: '1', min: 1, max: 256, costs: 'option' }),
  as,
});

export type NextHopValues = OptionValues<(typeof nextHopOptions)['options']>;

const options = {
  to: valued<Destination>(
    { doc: 'Destination; the word itself may be left out.', default: 'required', example: 'to 10.9.0.0/16' },
    'PREFIX / default',
    readDestination,
  ),
  inet: familyWord('ipv4', 'Meant to force IPv4; keepalived skips the word after it.'),
  inet6: familyWord('ipv6', 'Meant to force IPv6; keepalived skips the word after it.'),
  src: optionAddress({ doc: 'Source address of packets from here.', default: 'chosen by the kernel', example: 'src 192.0.2.1' }),
  ...hopOptions,
  gw: {
    ...optionAddress({ doc: 'Old word for via.', deprecated: 'write: via ADDRESS', example: 'gw 192.0.2.254' }),
  },
  or: optionAddress({
    doc: 'A second gateway with the same share.',
    deprecated: 'write: nexthop via ADDRESS nexthop via ADDRESS',
    example: 'via 192.0.2.254 or 192.0.2.253',
  }),
  from: valued<Cidr>(
    { doc: 'IPv6: the route is for packets from there only.', default: 'any', example: 'from 2001:db8::/32' },
    'PREFIX',
    (word, line) => readPrefix(word, line, 'from'),
  ),
  tos: optionName({
    doc: 'Type of service the route is for; a name of rt_dsfield or a number.',
    syntax: 'TOS',
    min: 0,
    max: 255,
    default: '0',
    aliases: ['dsfield'],
    example: 'tos 0x10',
  }),
  table: optionName({
    doc: 'Routing table; a name of rt_tables or a number.',
    syntax: 'TABLE',
    min: 0,
    max: UINT32,
    default: 'main',
    example: 'table 100',
  }),
  protocol: optionName({
    doc: 'Who the route is from; a name of rt_protos or a number. Another than keepalived needs no_track.',
    syntax: 'PROTOCOL',
    min: 0,
    max: 255,
    default: 'keepalived (18)',
    example: 'protocol static no_track',
  }),
  scope: optionName({
    doc: 'How far the destination is; a name of rt_scopes or a number.',
    syntax: 'SCOPE',
    min: 0,
    max: 255,
    default: 'global',
    example: 'scope link',
  }),
  metric: optionNumber({
    doc: 'Of equal routes the one with the smallest number counts.',
    default: '0',
    min: 0,
    max: UINT32,
    aliases: ['priority', 'preference'],
  }),
  expires: optionNumber({ doc: 'IPv6: seconds after which the kernel removes the route.', unit: 's', default: 'never', min: 0, max: UINT32 }),
  ...metricOptions,
  pref: valued<number>(
    { doc: 'IPv6: preference among default routers (RFC 4191).', default: 'medium', min: 0, max: 255, example: 'pref high' },
    'low / medium / high / N',
    (word, line) => PREFERENCES.get(word.text) ?? readNumber(word, line, { min: 0, max: 255 }),
  ),
  'ttl-propagate': valued<boolean>(
    { doc: 'MPLS: the TTL goes into the packet at the end of the label path.', default: 'as the kernel is set', costs: 'option', example: 'ttl-propagate disabled' },
    'enabled / disabled',
    (word, line) =>
      word.text === 'enabled' || word.text === 'disabled'
        ? word.text === 'enabled'
        : line.refuse(word, `ttl-propagate: ${quote(word.text)} is not known`, 'write enabled or disabled'),
  ),
  add: optionFlag({ doc: 'Fail when the route exists already.', default: 'off' }),
  prepend: optionFlag({ doc: 'Put the route before equal ones.', default: 'on' }),
  append: optionFlag({ doc: 'Put the route behind equal ones.', default: 'off' }),
  nexthop: readableNextHops(),
  no_track: optionFlag({ doc: 'Nothing happens when somebody else removes the route.', default: 'off' }),
  vrf: optionName({ doc: 'The routing table of this VRF device.', syntax: 'IF', default: 'none', example: 'vrf eth1' }),
  as,
};

export const virtualRouteOptions = optionTable('virtual_routes', 'route', options);

export const staticRouteOptions = optionTable('static_routes', 'route', {
  ...options,
  track_group: optionName({
    doc: 'The instances of this group are in FAULT while the interface of the route is down.',
    syntax: 'NAME',
    default: 'none',
    costs: 'option',
    example: 'track_group group1',
  }),
});

/** One line, before the names in it are looked up. */
export interface RouteEntry {
  readonly at: Word;
  readonly type: RouteType;
  /** All that stand on the line, the one that counts last. */
  readonly destinations: readonly Word[];
  readonly options: OptionValues<(typeof staticRouteOptions)['options']>;
}

const PREFERENCES: ReadonlyMap<string, number> = new Map([
  ['medium', 0],
  ['high', 1],
  ['low', 3],
]);

/** Reads `[TYPE] [to] DEST [OPTION...]`; undefined when the line is dropped. */
export function readVirtualRoute(words: readonly Word[], findings: Findings): RouteEntry | undefined {
  return readRoute(virtualRouteOptions, words, findings);
}

export function readStaticRoute(words: readonly Word[], findings: Findings): RouteEntry | undefined {
  return readRoute(staticRouteOptions, words, findings);
}

type AnyRouteTable = Pick<OptionTable<typeof options>, 'name' | 'subject' | 'bare' | 'index' | 'options'>;

function readRoute(table: AnyRouteTable, words: readonly Word[], findings: Findings): RouteEntry | undefined {
  const [at] = words;
  if (at === undefined) return undefined;
  let type: RouteType = 'unicast';
  let bare: { readonly value: Destination; readonly at: Word } | undefined;
  const destinations: Word[] = [];
  const stray: Stray = (line, word) => {
    if (Object.hasOwn(ROUTE_TYPES, word.text)) {
      type = ROUTE_TYPES[word.text] ?? type;
      const next = line.next();
      if (next === undefined) return 'drop';
      const destination = readDestination(next, line);
      if (destination !== undefined) bare = { value: destination, at: next };
      destinations.push(next);
      return destination === undefined ? 'drop' : 'taken';
    }
    const value = everyDestination(word, line) ?? (looksLikeAddress(word) ? readDestination(word, line) : undefined);
    destinations.push(word);
    if (value !== undefined) bare = { value, at: word };
    else if (!looksLikeAddress(word)) {
      line.refuse(word, `${quote(word.text)} is neither an option of a route nor a destination`, nearestOption(table, word));
    }
    return value === undefined ? 'drop' : 'taken';
  };
  const seen = (key: string, _word: Word, value: Word | undefined): void => {
    if (key === 'to' && value !== undefined) destinations.push(value);
  };
  const values = readOptions(table, words, findings, stray, seen) as RouteEntry['options'] | undefined;
  if (values === undefined) return undefined;
  const to = bare ?? values.to;
  if (to === undefined) {
    findings.report('badValue', at, 'a route needs a destination; the route is skipped', 'write: PREFIX via ADDRESS dev INTERFACE');
    return undefined;
  }
  return { at, type, destinations, options: { ...values, to } };
}

function looksLikeAddress(word: Word): boolean {
  return /^[\da-fA-F:.]+(\/|$)/.test(word.text) && /[:.]/.test(word.text);
}

function everyDestination(word: Word, line: OptionLine): Destination | undefined {
  if (word.text === 'default') return { every: 'either' };
  if (word.text !== 'default6') return undefined;
  line.findings.report('uselessLine', word, 'default6 is deprecated', 'write ::/0, or default with an IPv6 gateway');
  return { every: 'ipv6' };
}

function readDestination(word: Word, line: OptionLine): Destination | undefined {
  return everyDestination(word, line) ?? parseCidr(word.text) ?? readPrefix(word, line, 'destination');
}

/** All next hops up to the end of the line: whatever comes after them is not understood, and no loss to the route. */
function readableNextHops(): Option<readonly NextHopValues[]> {
  return {
    doc: 'One of several ways; the last option of the line.',
    syntax: '[via ADDR] [dev IF] [weight N] [onlink] [encap ...] [realms ...] [nexthop ...]',
    default: 'none',
    example: 'nexthop via 192.0.2.3 weight 2 nexthop via 192.0.2.4',
    costs: 'option',
    read(line) {
      const hops: Word[][] = [[]];
      for (let word = line.peek(); word !== undefined; word = line.peek()) {
        line.next();
        if (word.text === 'nexthop') hops.push([]);
        else hops.at(-1)?.push(word);
      }
      return hops.map((words) => {
        const read = readOptions(nextHopOptions, words, line.findings, (hopLine, word) => {
          const hint = nearestOption(nextHopOptions, word);
          hopLine.findings.report('badValue', word, `${quote(word.text)} is no option of a next hop; it is ignored`, hint);
          return 'skipped';
        });
        return read ?? {};
      });
    },
  };
}
