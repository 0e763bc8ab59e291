/**
 * keepalived's VRRP process as others see it, for clusters of both: a model written from its observed behaviour alone, which
 * shares nothing with the machine under test but the bytes of an advert. It has instances, sync groups, preemption, start-up
 * delays, faults of links and reloads; it knows no trackers, no signatures and no second address owner, and what a kernel
 * refuses it does not ask for again.
 */

import { compareAddresses, familyOf, isLinkLocal, isMulticast } from '../../src/base/address.js';
import type { IpAddress } from '../../src/base/address.js';
import type { Micros } from '../../src/base/time.js';
import type { VrrpPorts } from '../../src/runtime/ports.js';
import type { VrrpDriver } from '../../src/runtime/vrrp-driver.js';
import { allBelongings, NOTHING } from '../../src/vrrp/instance/belongings.js';
import type { Belongings } from '../../src/vrrp/instance/belongings.js';
import type { DirectorConfig, InstanceConfig, LinkState } from '../../src/vrrp/config.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import type { Advert } from '../../src/vrrp/wire/packet.js';
import { encodeAdvert } from '../../src/vrrp/wire/packet.js';

type Heard = Extract<DirectorEvent, { type: 'advertReceived' }>;
type State = 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT';

interface Router {
  config: InstanceConfig;
  state: State;
  source: IpAddress | undefined;
  /** Interval of the master that it hears. */
  interval: number;
  /** When its timer fires. */
  due: number;
  wantsMaster: boolean;
  /** End of a running preempt delay. */
  preemptAt: number | undefined;
}

const SECOND = 1_000_000;

export class KeepalivedModel implements Pick<VrrpDriver, 'deliver' | 'onAlarm'> {
  readonly #ports: VrrpPorts;
  readonly #onStopped: () => void;
  readonly #links = new Map<string, LinkState | undefined>();
  #config: DirectorConfig | undefined;
  #routers: Router[] = [];
  #delayedUntil = 0;
  #epoch = 0;
  #alarm: number | undefined;
  #stopped = false;

  constructor(ports: VrrpPorts, onStopped: () => void) {
    this.#ports = ports;
    this.#onStopped = onStopped;
  }

  deliver(event: DirectorEvent): void {
    if (this.#stopped) return;
    switch (event.type) {
      case 'reconfigured':
        this.#read(event.config);
        break;
      case 'linkChanged':
        // Another link of the same name: the one before is gone.
        if (this.#links.get(event.interface) !== undefined && this.#links.get(event.interface)?.index !== event.link?.index) this.#seesLink(event.interface, undefined);
        this.#seesLink(event.interface, event.link);
        break;
      case 'advertReceived':
        for (const router of this.#routers) if (isAcceptable(router, event)) this.#hears(router, event);
        break;
      case 'addressRemoved':
      case 'routeRemoved':
      case 'ruleRemoved':
        this.#loses(event);
        break;
      case 'stopRequested':
        this.#stop();
        break;
      default:
        // Answers of the kernel, packets that are none, and what it does not watch.
        break;
    }
    this.#setAlarm();
  }

  onAlarm(): void {
    this.#ports.adverts.drain();
    // A fired alarm is spent.
    this.#alarm = undefined;
    for (const router of this.#routers) if (router.due <= this.#now()) this.#expire(router);
    this.#setAlarm();
  }

  #now(): number {
    return this.#ports.clock.now();
  }

  #setAlarm(): void {
    const running = this.#stopped ? [] : this.#routers.filter(({ state }) => state === 'BACKUP' || state === 'MASTER');
    const next = running.length === 0 ? undefined : Math.min(...running.map(({ due }) => due));
    if (next === this.#alarm) return;
    this.#alarm = next;
    this.#ports.alarm.set(next as Micros | undefined);
  }

  #read(config: DirectorConfig): void {
    const isFirst = this.#config === undefined;
    if (isFirst) this.#delayedUntil = this.#now() + config.startupDelay;
    this.#config = config;
    const before = this.#routers;
    for (const router of before) if (!config.instances.some(({ name }) => name === router.config.name)) this.#drops(router);
    this.#routers = config.instances.map((next) => this.#kept(before.find((router) => router.config.name === next.name), next));
    const groups = { ipv4: config.multicastGroup4, ipv6: config.multicastGroup6 };
    this.#ports.adverts.configure(
      config.instances.map(({ interface: name, family, virtualRouterId, unicast }) => ({
        interface: name,
        family,
        protocol: 'vrrp',
        ...(unicast === undefined ? { multicastGroup: groups[family] } : {}),
        virtualRouterIds: [virtualRouterId],
      })),
    );
    this.#lookAtLinks();
  }

  /** A reload has it no more. */
  #drops(router: Router): void {
    if (router.state === 'MASTER') {
      this.#send(router, 0);
      this.#ask(router, false, allBelongings(router.config));
    }
    this.#tell(router, 'FAULT');
  }

  /** Its state outlives a reload; a master advertises at once, and its addresses become those of the new configuration. */
  #kept(router: Router | undefined, config: InstanceConfig): Router {
    if (router === undefined) {
      return { config, state: 'INIT', source: undefined, interval: config.advertInterval, due: 0, wantsMaster: false, preemptAt: undefined };
    }
    const old = allBelongings(router.config);
    const difference = downTime({ ...router, config }) - downTime(router);
    router.config = config;
    if (router.state === 'BACKUP') router.due += difference;
    if (router.state !== 'MASTER') return router;
    this.#ask(router, false, old, allBelongings(config));
    this.#ask(router, true, allBelongings(config));
    this.#send(router, config.priority);
    router.due = this.#now() + config.advertInterval;
    return router;
  }

  #seesLink(name: string, link: LinkState | undefined): void {
    this.#links.set(name, link);
    this.#lookAtLinks();
  }

  #lookAtLinks(): void {
    const own = new Set(this.#routers.flatMap(({ config }) => allBelongings(config).addresses.map(({ address }) => address)));
    for (const router of this.#routers) {
      const { interface: name, family } = router.config;
      const fits = (address: IpAddress): boolean =>
        familyOf(address) === family && isLinkLocal(address) === (family === 'ipv6') && !own.has(address);
      router.source = this.#links.get(name)?.addresses.find(({ address }) => fits(address))?.address ?? router.source;
    }
    if (!this.#routers.every(({ config }) => this.#links.has(config.interface))) return;
    for (const router of this.#routers) {
      const held = this.#membersWith(router).some((member) => this.#isFaulty(member));
      if (router.state === 'INIT') this.#ask(router, false, allBelongings(router.config));
      if (held && router.state !== 'FAULT') this.#enter(router, 'FAULT');
      if (!held && (router.state === 'FAULT' || router.state === 'INIT')) this.#begin(router);
    }
  }

  #isFaulty({ config, source }: Router): boolean {
    return this.#links.get(config.interface)?.up !== true || source === undefined;
  }

  /** BACKUP from the start or from FAULT: only owners that are configured as masters do not wait. */
  #begin(router: Router): void {
    const quick = this.#membersWith(router).every(({ config }) => config.priority === 255 && config.wantsMaster);
    router.interval = router.config.advertInterval;
    router.preemptAt = undefined;
    this.#enter(router, 'BACKUP');
    router.wantsMaster = quick;
    if (quick) this.#wait(router, 1);
  }

  #membersWith(router: Router): readonly Router[] {
    const group = this.#config?.groups.find(({ members }) => members.includes(router.config.name));
    return group === undefined ? [router] : this.#routers.filter(({ config }) => group.members.includes(config.name));
  }

  #hears(router: Router, { advert, source }: Heard): void {
    const { config } = router;
    if (router.state === 'BACKUP') {
      if (advert.priority === 0) this.#wait(router, skew(router));
      else if (!config.preempt || advert.priority >= config.priority || this.#isDelayed(router)) this.#follows(router, advert);
      return;
    }
    if (router.state !== 'MASTER') return;
    const order = advert.priority - config.priority || compareAddresses(source, router.source ?? source);
    if (advert.priority === 0 || order < 0) this.#send(router, config.priority);
    else if (order > 0) {
      if (advert.version === 3) router.interval = advert.advertInterval;
      for (const member of this.#membersWith(router)) this.#enter(member, 'BACKUP');
    }
  }

  #isDelayed({ config, preemptAt }: Router): boolean {
    return config.preemptDelay > 0 && (preemptAt === undefined || preemptAt > this.#now());
  }

  #follows(router: Router, advert: Advert): void {
    const { config } = router;
    if (advert.version === 3) router.interval = advert.advertInterval;
    router.wantsMaster = false;
    if (config.preempt && config.preemptDelay > 0) {
      router.preemptAt = advert.priority >= config.priority ? undefined : (router.preemptAt ?? this.#now() + config.preemptDelay);
    }
    this.#wait(router, downTime(router));
  }

  #expire(router: Router): void {
    if (router.state === 'MASTER') {
      this.#send(router, router.config.priority);
      router.due = this.#now() + router.config.advertInterval;
    }
    if (router.state !== 'BACKUP') return;
    const members = this.#membersWith(router);
    if (members.every((member) => member === router || member.state === 'MASTER' || member.wantsMaster)) {
      for (const member of [router, ...members]) this.#enter(member, 'MASTER');
    } else {
      router.wantsMaster = true;
      this.#wait(router, downTime(router));
    }
  }

  #loses(event: Extract<DirectorEvent, { type: 'addressRemoved' | 'routeRemoved' | 'ruleRemoved' }>): void {
    for (const router of this.#routers) {
      const { addresses, routes, rules } = allBelongings(router.config);
      const isOwn =
        (event.type === 'addressRemoved' && addresses.some(({ address }) => address === event.address)) ||
        (event.type === 'routeRemoved' && routes.includes(event.route)) ||
        (event.type === 'ruleRemoved' && rules.includes(event.rule));
      if (!isOwn || router.state !== 'MASTER') continue;
      for (const member of this.#membersWith(router)) {
        this.#enter(member, 'BACKUP');
        this.#wait(member, skew(member));
      }
    }
  }

  #enter(router: Router, to: 'BACKUP' | 'MASTER' | 'FAULT'): void {
    const { config, state: from } = router;
    if (from === to) return;
    router.state = to;
    if (to === 'MASTER') {
      router.interval = config.advertInterval;
      this.#send(router, config.priority);
      router.due = this.#now() + config.advertInterval;
    }
    if (to === 'BACKUP') {
      router.wantsMaster = false;
      router.preemptAt = undefined;
      this.#wait(router, downTime(router));
    }
    if (to === 'FAULT' && from === 'MASTER') this.#send(router, 0);
    this.#tell(router, to);
    if (to === 'MASTER' || from === 'MASTER') this.#ask(router, to === 'MASTER', allBelongings(config));
  }

  #tell({ config }: Router, state: string): void {
    this.#ports.fifo.write(`INSTANCE "${config.name}" ${state} ${config.priority}`);
  }

  #wait(router: Router, span: number): void {
    router.due = Math.max(this.#now(), this.#delayedUntil) + span;
  }

  #stop(): void {
    for (const router of this.#routers) {
      if (router.state === 'MASTER') {
        this.#send(router, 0);
        this.#ask(router, false, allBelongings(router.config));
      }
      this.#tell(router, 'STOP');
    }
    this.#stopped = true;
    this.#onStopped();
  }

  /** `except`: what is to stay. */
  #ask({ config }: Router, present: boolean, all: Belongings, except: Belongings = NOTHING): void {
    this.#epoch += 1;
    const stays = new Set([...except.addresses, ...except.routes, ...except.rules].map((each) => JSON.stringify(each)));
    const goes = (each: object): boolean => !stays.has(JSON.stringify(each));
    const { addresses, routes, rules } = all;
    const asked = { addresses: addresses.filter(goes), routes: routes.filter(goes), rules: rules.filter(goes) };
    this.#ports.addresses.set(config.name, this.#epoch, present, asked);
  }

  #send({ config, source }: Router, priority: number): void {
    if (source === undefined || this.#config === undefined) return;
    const { interface: name, family, version, virtualRouterId, advertInterval, authentication, unicast } = config;
    const group = family === 'ipv4' ? this.#config.multicastGroup4 : this.#config.multicastGroup6;
    const addresses = config.virtualAddresses.map(({ address }) => address);
    const common = { virtualRouterId, priority, advertInterval, addresses };
    const advert: Advert =
      version === 3
        ? { ...common, version }
        : { ...common, version, authenticationType: authentication.type === 'pass' ? 1 : 0, authenticationData: password(config) };
    const way = { interface: name, family, protocol: 'vrrp', ...(unicast === undefined ? { multicastGroup: group } : {}) } as const;
    for (const destination of unicast?.peers.map(({ address }) => address) ?? [group]) {
      const payload = encodeAdvert(advert, { family, source, destination });
      this.#ports.adverts.send(way, { source, destination, hopLimit: 255, payload });
    }
  }
}

function isAcceptable({ config, source: own }: Router, { interface: on, family, advert, source, hopLimit, arrival }: Heard): boolean {
  const { unicast } = config;
  if (config.interface !== on || config.family !== family || config.virtualRouterId !== advert.virtualRouterId) return false;
  if (arrival?.checksum !== 'right' || arrival.packetType !== 1 || source === own || advert.version !== config.version) return false;
  if (isMulticast(arrival.destination) !== (unicast === undefined)) return false;
  if (unicast === undefined ? hopLimit !== 255 : !unicast.peers.some(({ address }) => address === source)) return false;
  if (advert.version === 3) return true;
  const type = config.authentication.type === 'pass' ? 1 : 0;
  if (advert.authenticationType !== type || advert.advertInterval !== config.advertInterval) return false;
  return type === 0 || advert.authenticationData.join() === password(config).join();
}

function password({ authentication }: InstanceConfig): Uint8Array {
  const data = new Uint8Array(8);
  if (authentication.type === 'pass') data.set(new TextEncoder().encode(authentication.password).subarray(0, 8));
  return data;
}

/** In version 2 a part of a second, in version 3 of the master's interval, which counts in hundredths of a second. */
function skew({ config: { version, priority }, interval }: Router): number {
  if (version === 2) return Math.trunc(((256 - priority) * SECOND) / 256);
  return Math.trunc(((256 - priority) * Math.trunc(interval / 10_000) * 625) / 16);
}

function downTime(router: Router): number {
  return router.config.downTimerAdverts * router.interval + skew(router);
}
