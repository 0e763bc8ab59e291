/** bfd_instance blocks to sessions, and the references to them. */

import { familyOf } from '../../base/address.js';
import { micros, seconds } from '../../base/time.js';
import type { BfdConfig, BfdSession } from '../../bfd/config.js';
import type { Word } from '../cst.js';
import type { BfdTrackEntry } from '../keywords/bfd.js';
import type { Located, Values } from '../keywords/schema.js';
import type { topLevel } from '../keywords/top-level.js';
import { blockName } from './context.js';
import type { Build } from './context.js';
import type { Reference } from './tracker.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;
type BfdValues = TopLevel['bfd_instance'][number]['value']['values'];

const LONGEST_NAME = 31;

/** Sessions in file order; those that cannot be are left out and reported. */
export function buildBfd(top: TopLevel, build: Build): BfdConfig {
  const { bfdSessions, findings } = build;
  for (const located of top.bfd_instance) {
    const { statement, values } = located.value;
    const name = blockName(statement, findings);
    if (name === undefined) continue;
    if (name.text.length > LONGEST_NAME) {
      findings.report(
        'badValue',
        name,
        `the name of a bfd_instance has at most ${LONGEST_NAME} characters; the block is skipped`,
        'shorten it',
      );
    } else if (bfdSessions.has(name.text)) {
      findings.report(
        'duplicateName',
        name,
        `there is a bfd_instance ${name.text} already; this block is skipped`,
        'rename one of them',
      );
    } else {
      const session = buildSession(build, name, values);
      if (session !== undefined) bfdSessions.set(name.text, { value: session, at: located.at, order: located.order });
    }
  }
  return { sessions: [...bfdSessions.values()].map(({ value }) => value) };
}

function buildSession(build: Build, name: Word, values: BfdValues): BfdSession | undefined {
  const { bfdSessions, findings } = build;
  const neighbour = values.neighbor_ip;
  if (neighbour === undefined) {
    findings.report('badBfd', name, `bfd_instance ${name.text} has no neighbor_ip; it is skipped`, 'write: neighbor_ip ADDRESS');
    return undefined;
  }
  const rival = [...bfdSessions.values()].find(({ value }) => value.neighbour === neighbour.value)?.value;
  if (rival !== undefined) {
    const message = `bfd_instance ${name.text} has the neighbour of ${rival.name}; it is skipped`;
    findings.report('badBfd', neighbour.at, message, 'one session for each neighbour');
    return undefined;
  }
  const family = familyOf(neighbour.value);
  const source = values.source_ip;
  if (source !== undefined && familyOf(source.value) !== family) {
    const message = `bfd_instance ${name.text}: source_ip and neighbor_ip are of different families; it is skipped`;
    findings.report('wrongFamily', source.at, message, 'write both in one family');
    return undefined;
  }
  const hopLimit = values.ttl?.value ?? (family === 'ipv4' ? 255 : 64);
  return {
    name: name.text,
    family,
    neighbour: neighbour.value,
    ...(source === undefined ? {} : { source: source.value }),
    minReceive: values.min_rx?.value ?? micros(10_000),
    minTransmit: values.min_tx?.value ?? micros(10_000),
    idleTransmit: values.idle_tx?.value ?? seconds(1),
    multiplier: values.multiplier?.value ?? 5,
    passive: values.passive !== undefined,
    hopLimit,
    sentHopLimit: values.ttl?.value ?? 255,
    maxHops: maxHops(build, name, values, hopLimit),
    multihop: values.multihop?.value ?? false,
    weight: values.weight?.value.weight ?? 0,
    reverse: values.weight?.value.reverse ?? false,
    tellsVrrp: values.vrrp !== undefined || values.checker === undefined,
    tellsCheckers: values.checker !== undefined || values.vrrp === undefined,
  };
}

/** A packet cannot have travelled more hops than it was sent for. */
function maxHops(build: Build, name: Word, { max_hops: hops }: BfdValues, hopLimit: number): number | undefined {
  if (hops === undefined) return 0;
  if (hops.value < 0) return undefined;
  if (hops.value <= hopLimit) return hops.value;
  const message = `bfd_instance ${name.text}: max_hops ${hops.value} is more than the ttl; ${hopLimit} is used`;
  build.findings.report('outOfRange', hops.at, message, 'write at most the ttl');
  return hopLimit;
}

/** The tracked sessions of an instance or a group; sessions must stand before it. */
export function buildTrackedBfd(
  build: Build,
  owner: Word,
  located: Located<readonly BfdTrackEntry[]> | undefined,
): readonly Reference[] {
  const tracked = new Map<string, Reference>();
  for (const { at, name, weight, reverse } of located?.value ?? []) {
    const session = build.bfdSessions.get(name);
    if (session === undefined || session.order > (located?.order ?? 0)) {
      const message = `(${owner.text}) there is no bfd_instance ${name}${session === undefined ? '' : ' above'}; the line is ignored`;
      const hint = session === undefined ? undefined : `move bfd_instance ${name} before ${owner.text}`;
      build.findings.report('trackerUnknown', at, message, hint);
    } else if (!session.value.tellsVrrp) {
      const message = `(${owner.text}) bfd_instance ${name} is for checkers only; the line is ignored`;
      build.findings.report('trackerUnknown', at, message, `write vrrp into bfd_instance ${name}`);
    } else if (tracked.has(name)) {
      build.findings.report('repeatedKeyword', at, `(${owner.text}) ${name} is tracked already; the line is ignored`, 'remove it');
    } else {
      const own = session.value;
      tracked.set(name, { at, name, weight: weight ?? own.weight, reverse: reverse ?? own.reverse });
    }
  }
  return [...tracked.values()];
}
