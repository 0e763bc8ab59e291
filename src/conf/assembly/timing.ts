/** When an instance speaks and when it takes over: version, interval, preemption, the numbers of silence. */

import type { Family } from '../../base/address.js';
import { micros, seconds } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import type { InstanceConfig } from '../../vrrp/config.js';
import type { Word } from '../cst.js';
import type { Located, Values } from '../keywords/schema.js';
import type { vrrpInstance } from '../keywords/vrrp-instance.js';
import type { Build } from './context.js';
import { breaksStrictMode } from './strict.js';

type InstanceValues = Values<(typeof vrrpInstance)['keywords']>;

const DOWN_TIMER_ADVERTS = 3;

/** The first `version` counts; IPv6 has version 3 only. */
export function versionOf(build: Build, name: Word, { version }: InstanceValues, family: Family): 2 | 3 {
  const { findings, globals } = build;
  const [first, ...others] = version;
  for (const other of others) {
    if (other.value === first?.value) continue;
    const message = `(${name.text}) version ${first?.value ?? 2} stands above; this line is ignored`;
    findings.report('wrongVersion', other.at, message, 'write one version');
  }
  const asked = first?.value ?? globals.vrrp_version?.value ?? 2;
  if (family === 'ipv4') return asked === 3 ? 3 : 2;
  if (first?.value === 2) {
    const message = `(${name.text}) version 2 cannot carry IPv6: version 3 is used`;
    findings.report('wrongVersion', first.at, message, 'write: version 3');
  }
  return 3;
}

/** The line that says MASTER, if one does: a later BACKUP does not undo it. */
export function stateOf(build: Build, name: Word, { state }: InstanceValues): Located<'MASTER' | 'BACKUP'> | undefined {
  const master = state.find(({ value }) => value === 'MASTER');
  for (const { value, at, order } of state) {
    if (master === undefined || value === 'MASTER' || order < master.order) continue;
    build.findings.report('contradiction', at, `(${name.text}) state MASTER stands above; this line is ignored`, 'write one state');
  }
  return master ?? state[0];
}

/** Version 2 knows whole seconds, version 3 steps of 10 ms up to 40.95 s. */
export function advertIntervalOf(build: Build, name: Word, version: 2 | 3, located: Located<Micros> | undefined): Micros {
  if (located === undefined) return seconds(1);
  const asked = located.value;
  const step = version === 2 ? 1_000_000 : 10_000;
  const most = version === 2 ? 255_000_000 : 40_950_000;
  const interval = micros(Math.min(most, Math.max(step, Math.round(asked / step) * step)));
  if (interval !== asked) {
    const rule = version === 2 ? 'version 2 knows whole seconds only' : 'version 3 knows steps of 10 ms up to 40.95 s';
    build.findings.report(
      'outOfRange',
      located.at,
      `(${name.text}) ${rule}: ${interval / 1_000_000} s is used`,
      'write that value',
    );
  }
  return interval;
}

/** The RFC's number in strict mode. */
export function downTimerAdvertsOf(build: Build, name: Word, { down_timer_adverts: own }: InstanceValues, strict: boolean): number {
  const located = own ?? build.globals.vrrp_down_timer_adverts;
  if (located === undefined || !strict || located.value === DOWN_TIMER_ADVERTS) return located?.value ?? DOWN_TIMER_ADVERTS;
  breaksStrictMode(build, name, located.at, `a master is down after ${DOWN_TIMER_ADVERTS} missed adverts`, 'remove down_timer_adverts');
  return DOWN_TIMER_ADVERTS;
}

/** nopreempt and preempt_delay mean nothing to an instance that starts as master. */
export function preemptionOf(
  build: Build,
  owner: { readonly name: Word; readonly startsAsMaster: boolean; readonly strict: boolean },
  values: InstanceValues,
): Pick<InstanceConfig, 'preempt' | 'preemptDelay'> {
  const { findings } = build;
  const { name, startsAsMaster, strict } = owner;
  const { nopreempt, preempt_delay: delay } = values;
  let preempt = nopreempt === undefined || nopreempt.order < (values.preempt?.order ?? 0);
  if (!preempt && nopreempt !== undefined && startsAsMaster) {
    const message = `(${name.text}) nopreempt does not work with initial state MASTER or priority 255; it is cleared`;
    findings.report('contradiction', nopreempt.at, message, 'write: state BACKUP on both directors');
    preempt = true;
  }
  if (delay === undefined || delay.value === 0) return { preempt, preemptDelay: seconds(0) };
  if (startsAsMaster || !preempt) {
    const reason = preempt ? 'initial state MASTER' : 'nopreempt';
    findings.report('contradiction', delay.at, `(${name.text}) preempt_delay does not work with ${reason}; it is cleared`);
    return { preempt, preemptDelay: seconds(0) };
  }
  if (!strict) return { preempt, preemptDelay: delay.value };
  breaksStrictMode(build, name, delay.at, 'nobody waits before preempting', 'remove preempt_delay');
  return { preempt, preemptDelay: seconds(0) };
}

/** timer_expired_backup under either name; it needs nopreempt, or the instance would come back at once. */
export function stallGivesWayOf(build: Build, name: Word, values: InstanceValues, preempt: boolean): number | undefined {
  const { timer_expired_backup: named, thread_timer_expired: misnamed } = values;
  const located = named ?? misnamed;
  if (located === undefined || !preempt) return located?.value;
  const message = `(${name.text}) timer_expired_backup needs nopreempt; the line is ignored`;
  build.findings.report('contradiction', located.at, message, 'write: nopreempt');
  return undefined;
}
