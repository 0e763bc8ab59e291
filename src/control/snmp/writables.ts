/**
 * What managers may set, as in keepalived: the weight of a real server, the base priority of an instance and whether it
 * preempts. It goes the way of an operator's commands, and ends with the next reload.
 */

import { compareOids } from './values.js';
import type { Oid, SnmpValue } from './values.js';
import { ERRORS } from './answers.js';
import type { Change, Plan, Writable } from './answers.js';
import type { OperatorCommand, SettingCommand } from '../commands.js';
import { KEEPALIVED_CHECK, KEEPALIVED_VRRP } from './mibs/identifiers.js';
import { realServerRows } from './mibs/real-servers.js';
import { basePriority, instanceRows } from './mibs/vrrp-instances.js';
import type { InstanceRow } from './mibs/vrrp-instances.js';
import type { SnmpSettings } from './settings.js';
import type { Row } from './view.js';
import type { SnmpWorld } from './world.js';

export type Obey = (command: OperatorCommand | SettingCommand, done: (worked: boolean) => void) => void;

type Writables = readonly Writable<SnmpWorld>[];

export function writables({ vrrp, checkers }: Pick<SnmpSettings, 'vrrp' | 'checkers'>, obey: Obey): Writables {
  return [...(vrrp ? instanceWritables(obey) : []), ...(checkers ? [weight(obey)] : [])];
}

function weight(obey: Obey): Writable<SnmpWorld> {
  return {
    oid: [...KEEPALIVED_CHECK, 4, 1, 7],
    plan: (world, index, value) => {
      if (value.type !== 'integer') return ERRORS.wrongType;
      // keepalived takes them for something else: -1 for 255.
      if (value.value < 0) return ERRORS.wrongValue;
      const { live, virtualServer } = rowAt(realServerRows(world), index) ?? {};
      if (live === undefined || virtualServer === undefined) return ERRORS.resourceUnavailable;
      const give =
        (number: number): Change =>
        (done) =>
          obey({ action: 'weight', server: live.name, virtualServer, weight: number, untilReload: true }, done);
      const enable: Change = (done) => obey({ action: 'enable', server: live.name, virtualServer }, done);
      return { commit: give(value.value), undo: live.byHand === 'weight' ? give(live.weight) : enable };
    },
  };
}

function instanceWritables(obey: Obey): Writables {
  const column = (number: number, allows: (value: number) => boolean, command: (row: InstanceRow, value: number) => SettingCommand, before: (row: InstanceRow) => number): Writable<SnmpWorld> => ({
    oid: [...KEEPALIVED_VRRP, 3, 1, number],
    plan: (world, index, value: SnmpValue): Plan | (typeof ERRORS)[keyof typeof ERRORS] => {
      if (value.type !== 'integer') return ERRORS.wrongType;
      if (!allows(value.value)) return ERRORS.wrongValue;
      const row = rowAt(instanceRows(world), index);
      if (row === undefined) return ERRORS.resourceUnavailable;
      const give =
        (number: number): Change =>
        (done) =>
          obey(command(row, number), done);
      return { commit: give(value.value), undo: give(before(row)) };
    },
  });
  return [
    column(7, (value) => value >= 1 && value <= 255, ({ config }, priority) => ({ action: 'priority', instance: config.name, priority }), basePriority),
    column(13, (value) => value === PREEMPTS || value === WAITS, ({ config }, value) => ({ action: 'preempt', instance: config.name, preempt: value === PREEMPTS }), ({ config }) => (config.preempt ? PREEMPTS : WAITS)),
  ];
}

/** vrrpInstancePreempt. */
const PREEMPTS = 1;
const WAITS = 2;

function rowAt<R>(rows: readonly Row<R>[], wanted: Oid): R | undefined {
  return rows.find(({ index }) => compareOids(index, wanted) === 0)?.of;
}
