/** What every builder is given, and the look-ups they share. */

import type { Command } from '../../base/command.js';
import type { SourcePosition } from '../../base/source.js';
import type { BfdSession } from '../../bfd/config.js';
import type { VirtualServerConfig } from '../../health/config.js';
import type { Head, Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { globalDefinitions } from '../keywords/global.js';
import type { HostFacts, InterfaceFacts } from '../host.js';
import type { Origins } from '../origins.js';
import type { Section } from '../keywords/kinds.js';
import type { TrackFileConfig } from '../../vrrp/config/track.js';
import type { Tracker } from './tracker.js';
import type { Located, Values } from '../keywords/schema.js';
import { createNames } from './names.js';
import type { ReadNameFiles, ResolveName } from './names.js';

export interface BuildOptions {
  /** Interfaces the machine has now; undefined = whether they exist is not checked. */
  readonly interfaces?: readonly string[];
  /** What an existing interface can do; absent = it is taken for an Ethernet. */
  readonly describeInterface?: (name: string) => InterfaceFacts | undefined;
  /** What accounts, scripts and keys are judged by; absent = they are not judged. */
  readonly host?: HostFacts;
  /** CPU numbers of the machine end below this; undefined = not checked. */
  readonly processors?: number;
  /** iproute2's files of names; undefined = only the built-in names are known. */
  readonly readNameFiles?: ReadNameFiles;
  /** In the place of what net_namespace says. */
  readonly networkNamespace?: string;
  /** Filled with the places of the model's parts when somebody will ask for them. */
  readonly origins?: Origins;
}

export type GlobalKeywords = (typeof globalDefinitions)['keywords'];
export type GlobalSection = Located<Section<GlobalKeywords>>;

export interface Build {
  readonly findings: Findings;
  readonly knownInterfaces: ReadonlySet<string> | undefined;
  readonly describeInterface: (name: string) => InterfaceFacts | undefined;
  readonly host: HostFacts | undefined;
  readonly processors: number | undefined;
  readonly networkNamespace: string | undefined;
  readonly origins: Origins | undefined;
  /**
   * All global_defs blocks as one, wherever they stand: keepalived's parent has read them all before a child reads an
   * instance. Later values win, except for keywords of which the first counts.
   */
  readonly globals: Values<GlobalKeywords>;
  /** The scripts that something runs, in the order in which they are met. */
  readonly commands: Located<Command>[];
  /** Filled by buildBfd, which comes before all that refer to sessions. */
  readonly bfdSessions: Map<string, Located<BfdSession>>;
  /** Set by buildPool, which comes before the instances. */
  virtualServers: readonly VirtualServerConfig[];
  /** Filled by buildTrackFiles, which comes before the pools. */
  readonly trackFiles: Map<string, Tracker<TrackFileConfig>>;
  /** How many more services there may be: two words of a group make 65,536. */
  readonly room: { services: number };
  readonly names: ResolveName;
  /** Rules without a preference so far: each gets one below the last. */
  readonly automaticPriorities: { used: number };
}

/** Services that all groups together may make, each as often as it is used. */
export const MOST_GROUP_SERVICES = 262_144;

export function createBuild(sections: readonly GlobalSection[], options: BuildOptions, findings: Findings): Build {
  const { interfaces, ...facts } = options;
  const globals = mergeGlobals(sections);
  const directories = {
    local: globals.iproute_etc_dir?.value ?? '/etc/iproute2',
    vendor: globals.iproute_usr_dir?.value ?? '/usr/share/iproute2',
  };
  return {
    findings,
    knownInterfaces: interfaces === undefined ? undefined : new Set(interfaces),
    describeInterface: facts.describeInterface ?? (() => undefined),
    host: facts.host,
    processors: facts.processors,
    networkNamespace: facts.networkNamespace,
    origins: facts.origins,
    globals,
    commands: [],
    bfdSessions: new Map(),
    virtualServers: [],
    trackFiles: new Map(),
    room: { services: MOST_GROUP_SERVICES },
    names: createNames(facts.readNameFiles, directories),
    automaticPriorities: { used: 0 },
  };
}

function mergeGlobals(sections: readonly GlobalSection[]): Values<GlobalKeywords> {
  const merged = Object.create(globalDefinitions.empty) as Record<string, unknown>;
  for (const { value } of sections) {
    for (const [key, located] of Object.entries(value.values)) {
      if (located === undefined) continue;
      const present = merged[key];
      const { repeat } = globalDefinitions.keywords[key as keyof GlobalKeywords];
      if (repeat === 'all') merged[key] = [...((present ?? []) as unknown[]), ...(located as unknown as unknown[])];
      else if (present === undefined) merged[key] = located;
      else if (repeat !== 'first') merged[key] = behind(located as unknown as Located<unknown>, present as Located<unknown>);
    }
  }
  return merged as unknown as Values<GlobalKeywords>;
}

/** The later one; it replaces what stood in an earlier block unless it replaces something of its own. */
function behind(located: Located<unknown>, earlier: Located<unknown>): Located<unknown> {
  return located.replaces === undefined ? { ...located, replaces: earlier } : located;
}

/** True when the machine has it, or when nobody can say. */
export function interfaceExists({ knownInterfaces }: Build, name: string): boolean {
  return knownInterfaces === undefined || knownInterfaces.has(name);
}

/**
 * Reports an interface that the machine does not have; keepalived ends with a configuration error then, unless
 * dynamic_interfaces lets it wait.
 */
export function checkInterface(build: Build, name: string, at: SourcePosition): void {
  if (interfaceExists(build, name) || build.globals.dynamic_interfaces !== undefined) return;
  build.findings.report('interfaceUnknown', at, `there is no interface ${name}`, interfaceHint(build));
}

/** The interfaces there are, as a hint. */
export function interfaceHint({ knownInterfaces }: Build): string | undefined {
  const known = [...(knownInterfaces ?? [])].filter((other) => other !== 'lo').slice(0, 8);
  return known.length === 0 ? undefined : `this machine has ${known.join(', ')}`;
}

/** The name after a block's keyword; without one, or with more than one, keepalived skips the block. */
export function blockName(statement: Head, findings: Findings): Word | undefined {
  const [keyword, name, extra] = statement.words;
  if (name !== undefined && extra === undefined) return name;
  if (keyword !== undefined) {
    const count = name === undefined ? 'a name' : 'one name only';
    findings.report(
      'nameMissing',
      extra ?? keyword,
      `${keyword.text} must have ${count}; the block is skipped`,
      `write: ${keyword.text} NAME {`,
    );
  }
  return undefined;
}
