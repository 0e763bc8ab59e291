/** What every builder is given, and the look-ups they share. */

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
}

export function createBuild(globalSections: readonly GlobalSection[], options: BuildOptions, findings: Findings): Build {
  const knownInterfaces = options.interfaces === undefined ? undefined : new Set(options.interfaces);
  return { findings, knownInterfaces, globalSections };
}

/**
 * All global_defs blocks before statement number `order` as one: later values win, except for keywords of which the first
 * counts. keepalived copies VRRP defaults when an instance begins, so that later ones do not reach it.
 */
export function globalsBefore(build: Build, order: number): Values<GlobalKeywords> {
  const merged: Record<string, unknown> = {};
  for (const section of build.globalSections) {
    if (section.order > order) break;
    for (const [key, located] of Object.entries(section.value.values)) {
      if (located === undefined) continue;
      const keep = globalDefinitions.keywords[key as keyof GlobalKeywords].repeat === 'first' && merged[key] !== undefined;
      if (!keep) merged[key] = located;
    }
  }
  return merged as unknown as Values<GlobalKeywords>;
}

/** Reports an interface that the machine does not have; keepalived ends with a configuration error then. */
export function checkInterface(build: Build, name: string, at: SourcePosition): void {
  if (build.knownInterfaces === undefined || build.knownInterfaces.has(name)) return;
  const known = [...build.knownInterfaces].filter((other) => other !== 'lo').slice(0, 8);
  const hint = known.length === 0 ? undefined : `this machine has ${known.join(', ')}`;
  build.findings.report('interfaceUnknown', at, `there is no interface ${name}`, hint);
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
