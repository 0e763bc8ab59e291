/** One vrrp_instance: values of its keywords to InstanceConfig, with keepalived's defaults and corrections. */

import { familyOf } from '../../base/address.js';
import type { Family } from '../../base/address.js';
import { micros, seconds } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import type { Authentication } from '../../vrrp/config-authentication.js';
import type { TrackedInterface } from '../../vrrp/config-track.js';
import type { InstanceConfig, NotifyScripts } from '../../vrrp/config.js';
import type { Word } from '../cst.js';
import type { Section } from '../keywords/kinds.js';
import { nameOf } from '../keywords/kinds.js';
import type { Located, Values } from '../keywords/schema.js';
import type { vrrpInstance } from '../keywords/vrrp.js';
import { buildAddresses } from './addresses.js';
import { buildAnnouncements } from './announcements.js';
import { buildTrackedBfd } from './bfd.js';
import { buildCommand, checkInterface } from './context.js';
import type { Build, GlobalKeywords } from './context.js';

type InstanceKeywords = (typeof vrrpInstance)['keywords'];
type InstanceValues = Values<InstanceKeywords>;

/** An instance with the places that later checks point at. */
export interface BuiltInstance {
  readonly config: InstanceConfig;
  readonly name: Word;
  readonly virtualRouterIdAt: Word;
}

/** Undefined when the instance cannot run; the reason is among the findings and is fatal. */
export function buildInstance(
  build: Build,
  name: Word,
  located: Located<Section<InstanceKeywords>>,
  weightsCount: boolean,
): BuiltInstance | undefined {
  const { statement, values } = located.value;
  const { findings, globals } = build;
  const keyword = nameOf(statement);
  // First, because scripts count for script security even where the instance cannot run.
  const notify = buildNotify(build, values);
  const routerId = values.virtual_router_id;
  if (routerId === undefined) {
    const message = `(${name.text}) the virtual router id must be set`;
    findings.report('virtualRouterIdMissing', keyword, message, 'write: virtual_router_id N, from 1 to 255');
  }
  const device = buildInterface(build, name, values.interface);
  if (routerId === undefined || device === undefined) return undefined;

  const family = familyOfInstance(values);
  const version = versionOf(build, name, values, globals, family);
  const about = { name: name.text, interface: device, family };
  const lists = buildAddresses(build, about, values.virtual_ipaddress, values.virtual_ipaddress_excluded);
  checkAddressCount(build, name, version, values, lists.virtualAddresses.length);
  const wantsMaster = values.state?.value === 'MASTER';
  const priority = values.priority?.value ?? (wantsMaster ? 255 : 100);
  const source = sourceOf(build, name, values, family);
  const trackedBfd = buildTrackedBfd(build, name, values.track_bfd);
  return {
    name,
    virtualRouterIdAt: routerId.at,
    config: {
      ...about,
      ...lists,
      ...preemption(build, name, values, wantsMaster || priority === 255),
      virtualRouterId: routerId.value,
      version,
      priority,
      wantsMaster,
      advertInterval: advertInterval(build, name, version, values.advert_int),
      downTimerAdverts: values.down_timer_adverts?.value ?? globals.vrrp_down_timer_adverts?.value ?? 3,
      authentication: authentication(build, name, version, values.authentication),
      announcements: buildAnnouncements(values, globals),
      trackPrimary: values.dont_track_primary === undefined,
      trackInterfaces: trackedInterfaces(build, { name, device, priority, weightsCount }, values),
      lowerPriorityNoAdvert: values.lower_prio_no_advert?.value ?? globals.vrrp_lower_prio_no_advert?.value ?? false,
      higherPrioritySendAdvert: values.higher_prio_send_advert?.value ?? globals.vrrp_higher_prio_send_advert?.value ?? false,
      skipCheckAdvertAddresses: values.skip_check_adv_addr?.value ?? globals.vrrp_skip_check_adv_addr?.value ?? false,
      notify,
      ...(trackedBfd === undefined ? {} : { tracks: { bfd: trackedBfd } }),
      ...(source === undefined ? {} : { source }),
    },
  };
}

/** The scripts of an instance or a group. */
export function buildNotify(
  build: Build,
  values: Pick<InstanceValues, 'notify' | 'notify_master' | 'notify_backup' | 'notify_fault' | 'notify_stop'>,
): NotifyScripts {
  return {
    ...(values.notify_master === undefined ? {} : { master: buildCommand(build, values.notify_master) }),
    ...(values.notify_backup === undefined ? {} : { backup: buildCommand(build, values.notify_backup) }),
    ...(values.notify_fault === undefined ? {} : { fault: buildCommand(build, values.notify_fault) }),
    ...(values.notify_stop === undefined ? {} : { stop: buildCommand(build, values.notify_stop) }),
    ...(values.notify === undefined ? {} : { any: buildCommand(build, values.notify) }),
  };
}

function buildInterface(build: Build, name: Word, located: Located<string> | undefined): string | undefined {
  if (located === undefined) {
    build.findings.report('interfaceMissing', name, `(${name.text}) no interface is named`, 'write: interface NAME');
    return undefined;
  }
  if (located.value === 'lo') {
    build.findings.report(
      'interfaceLoopback',
      located.at,
      `(${name.text}) VRRP cannot run on the loopback interface`,
      'name a real interface',
    );
    return undefined;
  }
  checkInterface(build, located.value, located.at);
  return located.value;
}

/** Fixed by whichever stands first: an entry of virtual_ipaddress or the source address. */
function familyOfInstance(values: InstanceValues): Family {
  const entry = values.virtual_ipaddress?.value[0];
  const source = values.mcast_src_ip;
  if (source !== undefined && (entry === undefined || source.order < (values.virtual_ipaddress?.order ?? 0))) {
    return familyOf(source.value);
  }
  return entry === undefined ? 'ipv4' : familyOf(entry.cidr.address);
}

function sourceOf(build: Build, name: Word, values: InstanceValues, family: Family): InstanceConfig['source'] {
  const source = values.mcast_src_ip;
  if (source === undefined || familyOf(source.value) === family) return source?.value;
  build.findings.report(
    'wrongFamily',
    source.at,
    `(${name.text}) the source address is not of the instance's address family; it is ignored`,
  );
  return undefined;
}

function versionOf(build: Build, name: Word, values: InstanceValues, globals: Values<GlobalKeywords>, family: Family): 2 | 3 {
  const asked = values.version?.value ?? globals.vrrp_version?.value ?? 2;
  if (family === 'ipv4') return asked === 3 ? 3 : 2;
  if (values.version?.value === 2) {
    const message = `(${name.text}) version 2 cannot carry IPv6: version 3 is used`;
    build.findings.report('wrongVersion', values.version.at, message, 'write: version 3');
  }
  return 3;
}

function checkAddressCount(build: Build, name: Word, version: 2 | 3, values: InstanceValues, count: number): void {
  if (count > 0 || values.no_virtual_ipaddress !== undefined) return;
  if (version === 3) {
    build.findings.report(
      'virtualAddressMissing',
      name,
      `(${name.text}) no virtual address: version 3 needs at least one`,
      'write a virtual_ipaddress block',
    );
  } else {
    build.findings.report(
      'noVirtualAddress',
      name,
      `(${name.text}) no virtual address: at least one is sensible`,
      'write a virtual_ipaddress block',
    );
  }
}

/** nopreempt and preempt_delay mean nothing to an instance that starts as master. */
function preemption(
  build: Build,
  name: Word,
  values: InstanceValues,
  startsAsMaster: boolean,
): Pick<InstanceConfig, 'preempt' | 'preemptDelay'> {
  const { findings } = build;
  const { nopreempt, preempt_delay: delay } = values;
  let preempt = nopreempt === undefined || nopreempt.order < (values.preempt?.order ?? 0);
  if (!preempt && nopreempt !== undefined && startsAsMaster) {
    const message = `(${name.text}) nopreempt does not work with initial state MASTER or priority 255; it is cleared`;
    findings.report('contradiction', nopreempt.at, message, 'write: state BACKUP on both directors');
    preempt = true;
  }
  if (delay !== undefined && delay.value > 0 && (startsAsMaster || !preempt)) {
    const reason = preempt ? 'initial state MASTER' : 'nopreempt';
    findings.report('contradiction', delay.at, `(${name.text}) preempt_delay does not work with ${reason}; it is cleared`);
    return { preempt, preemptDelay: seconds(0) };
  }
  return { preempt, preemptDelay: delay?.value ?? seconds(0) };
}

/** Version 2 knows whole seconds, version 3 steps of 10 ms up to 40.95 s. */
function advertInterval(build: Build, name: Word, version: 2 | 3, located: Located<Micros> | undefined): Micros {
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

function authentication(build: Build, name: Word, version: 2 | 3, located: InstanceValues['authentication']): Authentication {
  const { findings } = build;
  if (located === undefined) return { type: 'none' };
  const { auth_type: type, auth_pass: password } = located.value.values;
  const at = type?.at ?? password?.at ?? located.at;
  if (version === 3) {
    findings.report(
      'badAuthentication',
      at,
      `(${name.text}) version 3 has no authentication; it is ignored`,
      'remove the authentication block',
    );
    return { type: 'none' };
  }
  if (type === undefined) {
    if (password !== undefined) {
      findings.report(
        'uselessPassword',
        at,
        `(${name.text}) a password without auth_type protects nothing`,
        'write: auth_type PASS',
      );
    }
    return { type: 'none' };
  }
  if (password === undefined) {
    findings.report(
      'badAuthentication',
      at,
      `(${name.text}) authentication without a password is ignored`,
      'write: auth_pass PASSWORD',
    );
    return { type: 'none' };
  }
  if (type.value === 'AH') {
    findings.report(
      'notSupportedYet',
      type.at,
      `(${name.text}) auth_type AH is not supported yet: adverts go without authentication`,
      'write: auth_type PASS',
    );
    return { type: 'none' };
  }
  const bytes = utf8Length(password.value);
  if (bytes > 8) {
    findings.report(
      'badAuthentication',
      password.at,
      `(${name.text}) only the first 8 characters of the password count`,
      'shorten it',
    );
  }
  return { type: 'pass', password: bytes > 8 ? password.value.slice(0, 8) : password.value };
}

function utf8Length(text: string): number {
  return encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/g, '??')).replaceAll(/%../g, 'x').length;
}

function trackedInterfaces(
  build: Build,
  instance: { readonly name: Word; readonly device: string; readonly priority: number; readonly weightsCount: boolean },
  values: InstanceValues,
): readonly TrackedInterface[] {
  const { name, priority, weightsCount } = instance;
  const tracked = new Map<string, TrackedInterface>();
  for (const { at, name: device, weight, reverse } of values.track_interface?.value ?? []) {
    checkInterface(build, device, at);
    if (tracked.has(device) || device === instance.device) {
      const why = device === instance.device ? 'it is tracked anyway' : 'it stands here twice';
      build.findings.report('repeatedKeyword', at, `(${name.text}) ${device}: ${why}; the line is ignored`);
    } else if (weight !== 0 && !weightsCount) {
      const message = `(${name.text}) ${device}: weights do not count for members of a sync group; the line is ignored`;
      build.findings.report('contradiction', at, message, 'write sync_group_tracking_weight into the group');
    } else if (weight !== 0 && priority === 255) {
      build.findings.report(
        'contradiction',
        at,
        `(${name.text}) weights do not work with priority 255: ${device} counts with weight 0`,
      );
      tracked.set(device, { interface: device, weight: 0, reverse });
    } else {
      tracked.set(device, { interface: device, weight, reverse });
    }
  }
  return [...tracked.values()];
}
