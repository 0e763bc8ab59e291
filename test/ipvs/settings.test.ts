import assert from 'node:assert/strict';
import test from 'node:test';
import { decodeDaemon, decodeTimeouts, encodeSettingsOp } from '../../src/ipvs/settings-messages.js';
import { EMPTY_LEDGER, NO_SETTINGS, halfDone, isSettled, planSettings } from '../../src/ipvs/settings.js';
import type { ActualSettings, SettingsLedger, SyncDaemon, WantedSettings } from '../../src/ipvs/settings.js';
import { address } from '../support/address.js';

const TIMEOUTS = { tcp: 900, tcpFin: 120, udp: 300 };
const MASTER: SyncDaemon = { role: 'master', interface: 'eth0', syncId: 51 };
const BACKUP: SyncDaemon = { ...MASTER, role: 'backup' };
const FRESH: ActualSettings = { timeouts: TIMEOUTS, daemons: [] };

function ops(wanted: WantedSettings, actual: ActualSettings = FRESH, ledger: SettingsLedger = EMPTY_LEDGER): readonly string[] {
  return planSettings(wanted, actual, ledger).ops.map((op) =>
    'daemon' in op ? `${op.type} ${op.daemon.role} ${op.daemon.interface}` : `${op.type} ${Object.values(op.timeouts).join(' ')}`,
  );
}

test('timeouts of 0 and those not named stay as they were, and all come back in the end', () => {
  const wanted: WantedSettings = { timeouts: { tcp: 60, udp: 0 }, daemons: [] };
  const first = planSettings(wanted, FRESH, EMPTY_LEDGER);
  assert.deepEqual(first.ops, [{ type: 'setTimeouts', timeouts: { tcp: 60, tcpFin: 120, udp: 300 } }]);
  const now: ActualSettings = { timeouts: { tcp: 60, tcpFin: 120, udp: 300 }, daemons: [] };
  assert.deepEqual(ops(wanted, now, first.ledger), []);
  assert.deepEqual(ops({ timeouts: { udp: 10 }, daemons: [] }, now, first.ledger), ['setTimeouts 900 120 10']);
  const last = planSettings(NO_SETTINGS, now, first.ledger);
  assert.deepEqual(last.ops, [{ type: 'setTimeouts', timeouts: TIMEOUTS }]);
  assert.ok(isSettled(NO_SETTINGS, last.ledger));
});

test('what could not be put back is tried again', () => {
  const wanted: WantedSettings = { timeouts: { tcp: 60 }, daemons: [MASTER] };
  const now: ActualSettings = { timeouts: { ...TIMEOUTS, tcp: 60 }, daemons: [MASTER] };
  const { ledger } = planSettings(wanted, FRESH, EMPTY_LEDGER);
  const after = halfDone(ledger, planSettings(NO_SETTINGS, now, ledger).ledger);
  assert.ok(!isSettled(NO_SETTINGS, after));
  assert.deepEqual(ops(NO_SETTINGS, now, after), ['setTimeouts 900 120 300', 'stopDaemon master eth0']);
});

test('a change of role stops the one daemon before it starts the other', () => {
  const { ledger } = planSettings({ daemons: [BACKUP] }, FRESH, EMPTY_LEDGER);
  assert.deepEqual(ops({ daemons: [MASTER] }, { timeouts: TIMEOUTS, daemons: [BACKUP] }, ledger), ['stopDaemon backup eth0', 'startDaemon master eth0']);
});

test('a daemon that runs as wanted is left alone, whatever the kernel chose for what is not configured', () => {
  const running = { ...MASTER, maxLength: 1460, port: 8848, ttl: 1, group: address('224.0.0.81') };
  assert.deepEqual(ops({ daemons: [MASTER] }, { timeouts: TIMEOUTS, daemons: [running] }), []);
  assert.deepEqual(ops({ daemons: [{ ...MASTER, ttl: 3 }] }, { timeouts: TIMEOUTS, daemons: [running] }), [
    'stopDaemon master eth0',
    'startDaemon master eth0',
  ]);
});

test("a predecessor's daemon of the other role is stopped, a stranger's on another interface is not", () => {
  assert.deepEqual(ops({ daemons: [MASTER] }, { timeouts: TIMEOUTS, daemons: [BACKUP] }), ['stopDaemon backup eth0', 'startDaemon master eth0']);
  const stranger = { ...BACKUP, interface: 'eth9' };
  assert.deepEqual(ops({ daemons: [MASTER] }, { timeouts: TIMEOUTS, daemons: [stranger] }), ['startDaemon master eth0']);
  assert.deepEqual(ops(NO_SETTINGS, { timeouts: TIMEOUTS, daemons: [stranger] }), []);
});

test('what is sent is what the kernel would tell of it', () => {
  const full: SyncDaemon = { ...MASTER, maxLength: 1400, port: 9000, ttl: 7, group: address('239.1.1.1') };
  const six: SyncDaemon = { ...BACKUP, group: address('ff02::51') };
  for (const daemon of [MASTER, full, six]) {
    assert.deepEqual(decodeDaemon(encodeSettingsOp({ type: 'startDaemon', daemon }).bytes), { ok: true, value: daemon });
  }
  assert.deepEqual(decodeTimeouts(encodeSettingsOp({ type: 'setTimeouts', timeouts: TIMEOUTS }).bytes), { ok: true, value: TIMEOUTS });
});
