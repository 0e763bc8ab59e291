/**
 * Where the parts of a model stand in the text. The model itself is plain data without places; whoever judges it as a whole
 * (the lints) looks here for the block, and through it for the line of any keyword that made a part what it is.
 */

import type { CheckerConfig } from '../health/config-check.js';
import type { RealServerConfig, SorryServerConfig, VirtualServerConfig } from '../health/config.js';
import type { InstanceConfig, SyncGroupConfig } from '../vrrp/config.js';
import type { SourcePosition } from '../base/source.js';
import type { Head, Statement } from './cst.js';
import type { Section } from './keywords/kinds.js';
import type { Located } from './keywords/schema.js';
import type { realServer, virtualServer } from './keywords/virtual-server.js';
import type { vrrpInstance } from './keywords/vrrp-instance.js';
import type { vrrpSyncGroup } from './keywords/vrrp-sync-group.js';

/** A block of whatever kind: its own line and the values read from it. */
export type AnySection = Located<{
  readonly statement: Head;
  readonly values: Readonly<Record<string, Located<unknown> | readonly Located<unknown>[] | undefined>>;
}>;

/** Filled while the model is built; keys are the very objects of the model. */
export interface Origins {
  readonly instances: Map<InstanceConfig, Located<Section<(typeof vrrpInstance)['keywords']>>>;
  readonly groups: Map<SyncGroupConfig, Located<Section<(typeof vrrpSyncGroup)['keywords']>>>;
  readonly virtualServers: Map<VirtualServerConfig, Located<Section<(typeof virtualServer)['keywords']>>>;
  readonly realServers: Map<RealServerConfig, Located<Section<(typeof realServer)['keywords']>>>;
  readonly sorryServers: Map<SorryServerConfig, Located<Statement>>;
  readonly checkers: Map<CheckerConfig, AnySection>;
}

export function createOrigins(): Origins {
  return {
    instances: new Map(),
    groups: new Map(),
    virtualServers: new Map(),
    realServers: new Map(),
    sorryServers: new Map(),
    checkers: new Map(),
  };
}

/** The keyword that opens the block: `real_server`, `TCP_CHECK`. */
export function placeOfBlock({ value: { statement }, at }: AnySection): SourcePosition {
  return statement.words[0] ?? at;
}

/** The last value given for one of `keywords`, asked in turn; the block's own line when it has none of them. */
export function placeOfValue(block: AnySection, ...keywords: readonly string[]): SourcePosition {
  for (const keyword of keywords) {
    const found = block.value.values[keyword];
    if (found === undefined) continue;
    if ('value' in found) return found.at;
    const last = found.at(-1);
    if (last !== undefined) return last.at;
  }
  return block.at;
}
