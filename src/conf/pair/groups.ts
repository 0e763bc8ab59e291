/** Sync groups of two directors: instances that move together on one must move together on the other. */

import type { SyncGroupConfig } from '../../vrrp/config.js';
import type { PairFindings, PairSide } from './findings.js';
import type { Partners } from './instances.js';

/** Members are compared by the names of the second file. */
export function compareGroups(first: PairSide, second: PairSide, partners: Partners, findings: PairFindings): void {
  const translated = new Map([...partners].map(([a, b]) => [a.name, b.name]));
  const untranslated = new Map([...partners].map(([a, b]) => [b.name, a.name]));
  const matched = new Set<SyncGroupConfig>();
  for (const group of first.model.director.groups) {
    const members = group.members.map((member) => translated.get(member) ?? member);
    const other = second.model.director.groups.find((candidate) => candidate.members.some((member) => members.includes(member)));
    const block = first.origins.groups.get(group);
    if (other === undefined) {
      findings.lack('pairGroup', block, second, `a vrrp_sync_group of ${group.members.join(' ')}`, 'write the group into both files');
      continue;
    }
    matched.add(other);
    const missing = members.filter((member) => !other.members.includes(member));
    const surplus = other.members.filter((member) => !members.includes(member));
    if (missing.length + surplus.length === 0) continue;
    findings.differ('pairGroup', { first: block, second: second.origins.groups.get(other) }, {
      keywords: ['group'],
      message: `vrrp_sync_group ${group.name} holds ${group.members.join(' ')} here: other instances move together there`,
      there: `here ${other.name} holds ${other.members.join(' ')}`,
      hint: 'write the same members into both files',
    });
  }
  for (const group of second.model.director.groups.filter((candidate) => !matched.has(candidate))) {
    const names = group.members.map((member) => untranslated.get(member) ?? member);
    const what = `a vrrp_sync_group of ${names.join(' ')}`;
    findings.lack('pairGroup', second.origins.groups.get(group), first, what, 'write the group into both files');
  }
}
