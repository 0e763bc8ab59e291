/** What every builder is given, and the look-ups they share. */

import type { Command } from '../../base/command.js';
import type { SourcePosition } from '../../base/source.js';
import type { Statement, Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { globalDefinitions } from '../keywords/global.js';
import type { Section } from '../keywords/kinds.js';
import type { Located, Values } from '../keywords/schema.js';

export interface BuildOptions {
  /** Interfaces the machine has now; undefined = whether they exist is not checked. */
  readonly interfaces?: readonly string[];
}

export type GlobalKeywords = (typeof globalDefinitions)['keywords'];
export type GlobalSection = Located<Section<GlobalKeywords>>;

export interface Build {
  readonly findings: Findings;
  readonly knownInterfaces: ReadonlySet<string> | undefined;
  readonly globalSections: readonly GlobalSection[];
  /** Merged global_defs by how many blocks of them are merged. */
  readonly mergedGlobals: Map<number, Values<GlobalKeywords>>;
}

export function createBuild(globalSections: readonly GlobalSection[], options: BuildOptions, findings: Findings): Build {
  const knownInterfaces = options.interfaces === undefined ? undefined : new Set(options.interfaces);
  return { findings, knownInterfaces, globalSections, mergedGlobals: new Map() };
}

/**
 * All global_defs blocks before statement number `order` as one: later values win, except for keywords of which the first
 * counts. keepalived copies VRRP defaults when an instance begins, so that later ones do not reach it.
 */
export function globalsBefore(build: Build, order: number): Values<GlobalKeywords> {
  const sections = build.globalSections.filter((section) => section.order < order);
  const known = build.mergedGlobals.get(sections.length);
  if (known !== undefined) return known;
  const merged: Record<string, unknown> = {};
  for (const section of sections) {
    for (const [key, located] of Object.entries(section.value.values)) {
      if (located === undefined) continue;
      const keep = globalDefinitions.keywords[key as keyof GlobalKeywords].repeat === 'first' && merged[key] !== undefined;
      if (!keep) merged[key] = located;
    }
  }
  const values = merged as unknown as Values<GlobalKeywords>;
  build.mergedGlobals.set(sections.length, values);
  return values;
}

/** Reports an interface that the machine does not have; keepalived ends with a configuration error then. */
export function checkInterface(build: Build, name: string, at: SourcePosition): void {
  if (build.knownInterfaces === undefined || build.knownInterfaces.has(name)) return;
  const known = [...build.knownInterfaces].filter((other) => other !== 'lo').slice(0, 8);
  const hint = known.length === 0 ? undefined : `this machine has ${known.join(', ')}`;
  build.findings.report('interfaceUnknown', at, `there is no interface ${name}`, hint);
}

/** A script with its account: its own, else that of a script_user that stood before it. */
export function buildCommand(build: Build, located: Located<Command>): Command {
  const { argv, user, group } = located.value;
  if (user !== undefined) return located.value;
  const account = globalsBefore(build, located.order).script_user;
  if (account === undefined) return group === undefined ? { argv } : { argv, group };
  return { argv, ...account.value, ...(group === undefined ? {} : { group }) };
}

/** The name after a block's keyword; reports a missing one (keepalived skips the block) and words too many. */
export function blockName(statement: Statement, findings: Findings): Word | undefined {
  const [keyword, name, extra] = statement.words;
  if (name === undefined && keyword !== undefined) {
    findings.report('nameMissing', keyword, `${keyword.text} must have a name; the block is skipped`, `write: ${keyword.text} NAME {`);
  }
  if (extra !== undefined) findings.report('blockExtraWords', extra, `'${extra.text}' has no effect here`, 'a block takes one name');
  return name;
}
