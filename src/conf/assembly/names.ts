/**
 * iproute2's names for numbers: tables, protocols, scopes, realms, service types, interface groups, and the protocols of IP.
 * Reading the files is the caller's; what stands in them and what is known without them is here.
 */

import { parseNumber } from '../keywords/options.js';

/** The texts of a file and of the files `*.conf` in the directory `PATH.d`, as far as they exist. */
export type ReadNameFiles = (path: string) => readonly string[];

export interface NameDirectories {
  /** iproute_etc_dir. */
  readonly local: string;
  /** iproute_usr_dir. */
  readonly vendor: string;
}

export type NameKind = 'table' | 'protocol' | 'scope' | 'realm' | 'typeOfService' | 'group' | 'ipProtocol';

/** The number of a name, or the number that is written there; undefined when it is neither or out of range. */
export type ResolveName = (kind: NameKind, text: string) => number | undefined;

interface Kind {
  readonly file: string;
  readonly max: number;
  readonly builtIn: Readonly<Record<string, number>>;
}

const UINT32 = 4_294_967_295;

const KINDS: Readonly<Record<Exclude<NameKind, 'ipProtocol'>, Kind>> = {
  table: { file: 'rt_tables', max: UINT32, builtIn: { default: 253, main: 254, local: 255 } },
  protocol: {
    file: 'rt_protos',
    max: 255,
    builtIn: {
      none: 0,
      redirect: 1,
      kernel: 2,
      boot: 3,
      static: 4,
      gated: 8,
      ra: 9,
      mrt: 10,
      zebra: 11,
      bird: 12,
      dnrouted: 13,
      xorp: 14,
      ntk: 15,
      dhcp: 16,
      keepalived: 18,
      babel: 42,
    },
  },
  scope: { file: 'rt_scopes', max: 255, builtIn: { global: 0, site: 200, link: 253, host: 254, nowhere: 255 } },
  realm: { file: 'rt_realms', max: 65_535, builtIn: { unknown: 0 } },
  typeOfService: { file: 'rt_dsfield', max: 255, builtIn: { default: 0 } },
  group: { file: 'group', max: UINT32, builtIn: { default: 0 } },
};

/** Of /etc/protocols (netbase), for machines that have none. */
const IP_PROTOCOLS: Readonly<Record<string, number>> = {
  ip: 0,
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  sctp: 132,
  udplite: 136,
};

/** Files are read when the first name that is no number asks for them. */
export function createNames(read: ReadNameFiles | undefined, directories: NameDirectories): ResolveName {
  const known = new Map<NameKind, ReadonlyMap<string, number>>();
  function namesOf(kind: NameKind): ReadonlyMap<string, number> {
    const present = known.get(kind);
    if (present !== undefined) return present;
    const names = kind === 'ipProtocol' ? protocolNames(read) : fileNames(KINDS[kind], read, directories);
    known.set(kind, names);
    return names;
  }
  return (kind, text) => {
    const named = namesOf(kind).get(text);
    if (named !== undefined) return named;
    if (kind === 'ipProtocol') return numberUpTo(text, 255, false);
    // keepalived takes tables as the low 32 bits of whatever strtoul makes of the text.
    const number = kind === 'table' ? parseNumber(text, true) : undefined;
    return number === undefined ? numberUpTo(text, KINDS[kind].max, true) : number >>> 0;
  };
}

function numberUpTo(text: string, max: number, anyBase: boolean): number | undefined {
  const number = parseNumber(text, anyBase);
  return number !== undefined && number >= 0 && number <= max ? number : undefined;
}

function fileNames({ file, builtIn }: Kind, read: ReadNameFiles | undefined, { local, vendor }: NameDirectories): ReadonlyMap<string, number> {
  const names = new Map(Object.entries(builtIn));
  for (const directory of [vendor, local]) {
    for (const text of read?.(`${directory}/${file}`) ?? []) {
      for (const [number = '', name] of wordsOf(text)) {
        const value = parseNumber(number, true);
        if (name !== undefined && value !== undefined) names.set(name, value);
      }
    }
  }
  return names;
}

/** `NAME NUMBER ALIAS...` */
function protocolNames(read: ReadNameFiles | undefined): ReadonlyMap<string, number> {
  const names = new Map(Object.entries(IP_PROTOCOLS));
  for (const text of read?.('/etc/protocols') ?? []) {
    for (const [name, number = '', ...aliases] of wordsOf(text)) {
      const value = parseNumber(number, false);
      if (name === undefined || value === undefined) continue;
      for (const alias of [name, ...aliases]) names.set(alias, value);
    }
  }
  return names;
}

function wordsOf(text: string): readonly (readonly string[])[] {
  return text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
}
