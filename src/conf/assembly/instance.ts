/** One vrrp_instance: values of its keywords to InstanceConfig, with keepalived's defaults and corrections. */

import type { Family } from '../../base/address.js';
import { isLinkLocal } from '../../base/address.js';
import { given } from '../../base/given.js';
import type { InstanceConfig } from '../../vrrp/config.js';
import type { Word } from '../cst.js';
import type { Section } from '../keywords/kinds.js';
import { nameOf } from '../keywords/kinds.js';
import type { Located, Values } from '../keywords/schema.js';
import type { vrrpInstance } from '../keywords/vrrp-instance.js';
import { buildAddresses } from './addresses.js';
import { buildAnnouncements } from './announcements.js';
import { buildAuthentication, buildHmac, startsAsMaster } from './authentication.js';
import { checkInterface } from './context.js';
import type { Build } from './context.js';
import type { BuiltInstance } from './built-instance.js';
import { placeAddresses } from './address-devices.js';
import { acceptsPackets, buildDevice } from './device.js';
import type { DeviceNames } from './device.js';
import { buildInstanceNotify, buildNotifyOptions } from './notify.js';
import { buildRoute } from './routes.js';
import { buildRule } from './rules.js';
import { breaksStrictMode } from './strict.js';
import type { GroupPlan } from './sync-groups.js';
import { advertIntervalOf, downTimerAdvertsOf, preemptionOf, stallGivesWayOf, stateOf, versionOf } from './timing.js';
import type { Trackers } from './trackers.js';
import { resolveTracks, trackedInterfacesOf, tracksOf } from './tracks.js';
import { buildDestination, buildSource, buildUnicast, familyOfInstance, worksWithoutInterface } from './unicast.js';
import { instanceWeights } from './weights.js';

type InstanceKeywords = (typeof vrrpInstance)['keywords'];
type InstanceValues = Values<InstanceKeywords>;

/** What all instances of a configuration share while they are built. */
export interface InstanceContext {
  readonly trackers: Trackers;
  readonly deviceNames: DeviceNames;
  /** By member. */
  readonly groups: ReadonlyMap<string, GroupPlan>;
}

/** Undefined when the instance cannot run; the reason is among the findings and is fatal. */
export function buildInstance(
  build: Build,
  name: Word,
  { value }: Located<Section<InstanceKeywords>>,
  context: InstanceContext,
): BuiltInstance | undefined {
  const { statement, values } = value;
  // First, because scripts count for script security even where the instance cannot run.
  const notify = buildInstanceNotify(build, values);
  const routerId = values.virtual_router_id;
  if (routerId === undefined) {
    const message = `(${name.text}) the virtual router id must be set`;
    build.findings.report('virtualRouterIdMissing', nameOf(statement), message, 'write: virtual_router_id N, from 1 to 255');
  }
  const family = familyOfInstance(values);
  const unicast = buildUnicast(build, name, values, family);
  const device = buildInterface(build, name, values, worksWithoutInterface(values, unicast));
  if (routerId === undefined || device === undefined) return undefined;

  const strict = values.strict_mode?.value ?? build.globals.vrrp_strict?.value ?? false;
  checkRetired(build, name, values, family);
  const about = { name: name.text, interface: device, family, virtualRouterId: routerId.value };
  const timing = buildTiming(build, name, values, family, strict);
  const { version, priority } = timing;
  const lists = buildAddresses(build, about, values.virtual_ipaddress, values.virtual_ipaddress_excluded);
  checkAddressCount(build, { name, version, strict }, values, lists.virtualAddresses.length);
  if (strict) checkStrictly(build, name, { ...about, ...timing, ...lists }, values, unicast !== undefined);
  const group = context.groups.get(name.text);
  const tracks = tracksOfInstance(build, { name, device, priority }, values, context, group);
  const owner = { ...about, name, strict, unicast: unicast !== undefined };
  const own = buildDevice(build, owner, values, context.deviceNames);
  const accept = acceptsPackets(build, { name, version, priority, strict }, values);
  return {
    name,
    virtualRouterIdAt: routerId.at,
    pollsLink: values.linkbeat_use_polling !== undefined,
    config: {
      ...about,
      ...timing,
      ...buildSource(build, name, values, family),
      ...tracks,
      ...own,
      ...placeAddresses(build, owner, lists, { device: own.device, everywhere: values.use_vmac_addr !== undefined }, context.deviceNames),
      announcements: buildAnnouncements(build, name, values, strict),
      trackPrimary: values.dont_track_primary === undefined,
      ...answers(build, name, values, strict),
      notify,
      ...network(build, values),
      ...given({
        unicast,
        multicastDestination: buildDestination(build, name, values, family, unicast),
        notifyOptions: buildNotifyOptions(build, values, group?.located.value.values),
        strict: strict ? true : undefined,
        accept: accept ? undefined : false,
        checksumAsV2: checksumAsV2(build, values, version, family) ? true : undefined,
        ownerIgnoreAdverts: ownerIgnoresAdverts(build, name, values, priority, strict) ? true : undefined,
        receiveBuffer: values.kernel_rx_buf_size?.value,
        learntIntervalLimit: values.learnt_interval_limit?.value,
      }),
    },
  };
}

/** Routes and rules, as far as there are any. */
function network(build: Build, values: InstanceValues): Pick<InstanceConfig, 'routes' | 'rules'> {
  const routes = values.virtual_routes?.value.flatMap((entry) => buildRoute(build, entry) ?? []);
  const rules = values.virtual_rules?.value.flatMap((entry) => buildRule(build, entry) ?? []);
  return given({ routes, rules });
}

function buildTiming(
  build: Build,
  name: Word,
  values: InstanceValues,
  family: Family,
  strict: boolean,
): Pick<
  InstanceConfig,
  | 'version'
  | 'priority'
  | 'wantsMaster'
  | 'advertInterval'
  | 'downTimerAdverts'
  | 'preempt'
  | 'preemptDelay'
  | 'authentication'
  | 'hmac'
  | 'stallGivesWay'
> {
  const version = versionOf(build, name, values, family);
  const advertInterval = advertIntervalOf(build, name, version, values.advert_int);
  const authentication = buildAuthentication(build, { name, version, strict, advertInterval }, values);
  const state = stateOf(build, name, values);
  const priority = values.priority?.value ?? (state?.value === 'MASTER' ? 255 : 100);
  let wantsMaster = startsAsMaster(build, name, state, authentication);
  if (strict && wantsMaster && priority !== 255) {
    breaksStrictMode(build, name, state?.at ?? name, 'only an address owner (priority 255) starts as MASTER', 'write: state BACKUP');
    wantsMaster = false;
  }
  const preemption = preemptionOf(build, { name, startsAsMaster: wantsMaster || priority === 255, strict }, values);
  return {
    version,
    priority,
    wantsMaster,
    advertInterval,
    downTimerAdverts: downTimerAdvertsOf(build, name, values, strict),
    ...preemption,
    authentication,
    ...given({
      hmac: buildHmac(build, { name, version, strict, advertInterval }, values.auth_hmac),
      stallGivesWay: stallGivesWayOf(build, name, values, preemption.preempt),
    }),
  };
}

/** The interface, '' for an instance that needs none; undefined when it cannot run. */
function buildInterface(build: Build, name: Word, values: InstanceValues, without: boolean): string | undefined {
  const { findings } = build;
  const located = values.interface;
  if (located === undefined && without) return '';
  if (located === undefined) {
    const unicast = values.unicast_peer !== undefined;
    const message = unicast ? 'neither an interface nor a source address that could do without is named' : 'no interface is named';
    findings.report(unicast ? 'nowhereToSend' : 'interfaceMissing', name, `(${name.text}) ${message}`, 'write: interface NAME');
    return undefined;
  }
  if (located.value === 'lo') {
    findings.report(
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

/** Lines of old releases that only look as if they did something. */
function checkRetired(build: Build, name: Word, { native_ipv6: native, virtual_ipaddress: addresses }: InstanceValues, family: Family): void {
  if (native === undefined) return;
  if (family === 'ipv6' || addresses === undefined) {
    build.findings.report('uselessLine', native.at, `(${name.text}) native_ipv6 has no effect: the addresses say which family it is`, 'remove it');
    return;
  }
  const message = `(${name.text}) native_ipv6 stands beside IPv4 addresses and has no effect`;
  build.findings.report('contradiction', native.at, message, 'remove native_ipv6');
}

function checkAddressCount(
  build: Build,
  { name, version, strict }: { readonly name: Word; readonly version: 2 | 3; readonly strict: boolean },
  values: InstanceValues,
  count: number,
): void {
  const excused = values.no_virtual_ipaddress;
  if (excused !== undefined && strict) {
    breaksStrictMode(build, name, excused.at, 'a virtual router has an address', 'remove no_virtual_ipaddress');
  }
  if (count > 0 || (excused !== undefined && !strict)) return;
  const hint = 'write a virtual_ipaddress block';
  if (version === 3 || strict) {
    const why = version === 3 ? 'version 3 needs' : 'strict mode needs';
    build.findings.report('virtualAddressMissing', name, `(${name.text}) no virtual address: ${why} at least one`, hint);
  } else {
    build.findings.report('noVirtualAddress', name, `(${name.text}) no virtual address: at least one is sensible`, hint);
  }
}

/** What strict mode refuses and nothing else looks at. */
function checkStrictly(
  build: Build,
  name: Word,
  { interface: device, family, virtualAddresses }: Pick<InstanceConfig, 'interface' | 'family' | 'virtualAddresses'>,
  values: InstanceValues,
  unicast: boolean,
): void {
  const [first] = virtualAddresses;
  const at = values.virtual_ipaddress?.value[0]?.at ?? name;
  if (family === 'ipv6' && first !== undefined && !isLinkLocal(first.address)) {
    const message = `(${name.text}) strict mode: the first IPv6 address must be link-local, and ${first.address} is not`;
    build.findings.report('strictMode', at, message, 'put an address of fe80::/64 first');
  }
  const multicast = device === '' || build.describeInterface(device)?.multicast !== false;
  if (unicast && multicast) {
    const message = `(${name.text}) strict mode: adverts go to the multicast group, not to unicast peers`;
    build.findings.report('strictUnicast', values.unicast_peer?.at ?? name, message, 'remove unicast_peer or strict_mode');
  }
}

function tracksOfInstance(
  build: Build,
  { name, device, priority }: { readonly name: Word; readonly device: string; readonly priority: number },
  values: InstanceValues,
  context: InstanceContext,
  group: GroupPlan | undefined,
): Pick<InstanceConfig, 'trackInterfaces' | 'tracks'> {
  const resolved = resolveTracks(build, name, values, context.trackers, device);
  const member = group === undefined ? undefined : { ...group, name: group.name.text };
  const references = instanceWeights(build, { name, priority }, resolved, member);
  return { trackInterfaces: trackedInterfacesOf(references), ...given({ tracks: tracksOf(references) }) };
}

/** How it answers adverts of others; strict mode knows one way. */
function answers(
  build: Build,
  name: Word,
  values: InstanceValues,
  strict: boolean,
): Pick<InstanceConfig, 'lowerPriorityNoAdvert' | 'higherPrioritySendAdvert' | 'skipCheckAdvertAddresses'> {
  const { lower_prio_no_advert: silent, higher_prio_send_advert: answer, skip_check_adv_addr: skip } = values;
  const { globals } = build;
  if (strict && silent?.value === false) {
    breaksStrictMode(build, name, silent.at, 'an advert of lower priority gets no answer', 'remove the line');
  }
  if (strict && answer?.value === true) {
    breaksStrictMode(build, name, answer.at, 'who gives way sends no last advert', 'remove the line');
  }
  return {
    lowerPriorityNoAdvert: strict || (silent?.value ?? globals.vrrp_lower_prio_no_advert?.value ?? false),
    higherPrioritySendAdvert: !strict && (answer?.value ?? globals.vrrp_higher_prio_send_advert?.value ?? false),
    skipCheckAdvertAddresses: skip?.value ?? globals.vrrp_skip_check_adv_addr?.value ?? false,
  };
}

function checksumAsV2(build: Build, values: InstanceValues, version: 2 | 3, family: Family): boolean {
  const wanted = values.v3_checksum_as_v2?.value ?? (build.globals.v3_checksum_as_v2 !== undefined);
  return wanted && version === 3 && family === 'ipv4';
}

/** Only an owner can; in strict mode it must. */
function ownerIgnoresAdverts(build: Build, name: Word, values: InstanceValues, priority: number, strict: boolean): boolean {
  const { owner_ignore_adverts: own } = values;
  if (priority !== 255) return false;
  if (!strict) return own?.value ?? build.globals.vrrp_owner_ignore_adverts?.value ?? false;
  if (own?.value === false) breaksStrictMode(build, name, own.at, 'an address owner hears nobody', 'remove owner_ignore_adverts');
  return true;
}
