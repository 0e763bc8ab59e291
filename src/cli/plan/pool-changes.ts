/** The LVS side of a plan: virtual and real servers matched as the checkers match them at a reload, with what differs in words. */

import { serversOf } from '../../health/config.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../health/config.js';
import { serverName } from '../../health/pool-state.js';
import { keyed, serverKey } from '../../health/reload.js';
import type { PlanChange } from './change.js';
import { fieldChanges } from './fields.js';
import type { FieldChange } from './fields.js';

export function poolChanges(before: PoolConfig, after: PoolConfig): readonly PlanChange[] {
  const present = keyed(before);
  const wanted = keyed(after);
  const settings = fieldChanges(before, after, ['virtualServers']);
  return [
    ...(settings.length === 0 ? [] : [{ subject: 'pool' as const, change: 'change' as const, name: 'lvs', fields: settings }]),
    ...[...present].filter(([key]) => !wanted.has(key)).map(([, { name }]) => ({ subject: 'virtualServer' as const, change: 'remove' as const, name, fields: [] })),
    ...[...wanted].flatMap(([key, next]) => {
      const last = present.get(key);
      return last === undefined ? added(next) : changed(last, next);
    }),
  ];
}

function added(next: VirtualServerConfig): readonly PlanChange[] {
  const servers = serversOf(next).map((server) => serverChange('add', next, server));
  return [{ subject: 'virtualServer', change: 'add', name: next.name, fields: [] }, ...servers];
}

function changed(before: VirtualServerConfig, after: VirtualServerConfig): readonly PlanChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const fields = [...serviceChanges(before, after), ...fieldChanges(before, after, ['services', 'realServers', 'backupServers'])];
  const present = new Map(serversOf(before).map((server) => [serverKey(server), server]));
  const wanted = new Map(serversOf(after).map((server) => [serverKey(server), server]));
  return [
    ...(fields.length === 0 ? [] : [{ subject: 'virtualServer' as const, change: 'change' as const, name: after.name, fields }]),
    ...[...present].filter(([key]) => !wanted.has(key)).map(([, server]) => serverChange('remove', before, server)),
    ...[...wanted].flatMap(([key, next]) => {
      const last = present.get(key);
      if (last === undefined) return [serverChange('add', after, next)];
      const differences = [...fieldChanges(last, next, ['checkers', 'followers']), ...checkChanges(last, next)];
      return differences.length === 0 ? [] : [{ ...serverChange('change', after, next), fields: differences }];
    }),
  ];
}

function serverChange(change: PlanChange['change'], virtualServer: VirtualServerConfig, server: RealServerConfig): PlanChange {
  const fields = change === 'add' ? [{ field: 'weight', after: String(server.weight) }] : [];
  return { subject: 'realServer', change, name: serverName(virtualServer, server), of: virtualServer.name, fields };
}

/** One service by its fields; those of a group only by their number. */
function serviceChanges({ services: before }: VirtualServerConfig, { services: after }: VirtualServerConfig): readonly FieldChange[] {
  const [last, next] = [before[0], after[0]];
  const count = before.length === after.length ? [] : [{ field: 'services', before: String(before.length), after: String(after.length) }];
  return [...count, ...(last === undefined || next === undefined ? [] : fieldChanges(last, next, ['identity']))];
}

/** Checks by their order among those of one kind. */
function checkChanges(before: RealServerConfig, after: RealServerConfig): readonly FieldChange[] {
  const [present, wanted] = [numbered(before), numbered(after)];
  return [...new Set([...present.keys(), ...wanted.keys()])].flatMap((key) => {
    const [last, next] = [present.get(key), wanted.get(key)];
    if (last === undefined) return [{ field: key, after: 'asked' }];
    if (next === undefined) return [{ field: key, before: 'asked' }];
    return fieldChanges(last, next).map((change) => ({ ...change, field: `${key} ${change.field}` }));
  });
}

function numbered({ checkers, followers = [] }: RealServerConfig): ReadonlyMap<string, object> {
  const map = new Map<string, object>();
  for (const config of [...checkers, ...followers]) {
    const { type } = config.check;
    let name: string = type;
    for (let count = 2; map.has(name); count += 1) name = `${type} ${count}`;
    map.set(name, config);
  }
  return map;
}
