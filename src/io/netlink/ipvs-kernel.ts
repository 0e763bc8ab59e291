/**
 * IpvsPort on generic netlink: pictures of the kernel's tables, and edits of them in the order asked. Each goes its own way, so that
 * an edit waits for no picture but for the one answer of the kernel that is being read; a picture may show some of the edits made while
 * it was taken, and not others. What the edits are is decided by the reconciler; refusals are passed on as they are, except that
 * deleting what is not there has succeeded.
 */

import { familyOf } from '../../base/address.js';
import { given } from '../../base/given.js';
import type { Micros } from '../../base/time.js';
import type { OpFailure, ReconcilerEvent } from '../../ipvs/events.js';
import {
  IPVS_FAMILY,
  type IpvsMessage,
  decodeDestination,
  decodeService,
  encodeDestinationDump,
  encodeOp,
  encodeServiceDump,
} from '../../ipvs/messages.js';
import { type Counted, type DestinationCounts, NOTHING_COUNTED, type ServiceCounts, type Traffic, destinationCounts, serviceTraffic } from '../../ipvs/counts.js';
import type { Op } from '../../ipvs/plan.js';
import {
  type Connections,
  type Destination,
  type DestinationKey,
  type Service,
  type ServiceEntry,
  type ServiceKey,
  destinationKey,
  entryKey,
  serviceKey,
} from '../../ipvs/tables.js';
import type { IpvsPort } from '../../runtime/ports.js';
import { genericAttributes, genericPayload, resolveFamily } from './generic-netlink.js';
import { KernelError } from '../kernel-error.js';
import { FLAG, type NetlinkRequest } from './netlink-messages.js';
import { PROTOCOL } from './netlink-socket.js';
import { AnswerLost, NetlinkRequester, type QueryResult } from './netlink.js';
import type { BufferSize } from '../sockets/socket-options.js';

export type IpvsEvent = Extract<
  ReconcilerEvent,
  { readonly type: 'snapshotTaken' | 'snapshotFailed' | 'opsApplied' | 'opsFailed' }
>;

type Weightless = ReadonlyMap<string, Connections | undefined>;

export interface OpenIpvsPort extends IpvsPort {
  readonly counted: () => Counted;
  /** Of answers that may wait to be read; undefined for the default of NetlinkSocket. */
  readonly setReceiveBuffer: (size: BufferSize | undefined) => void;
  readonly close: () => void;
}

/** Milliseconds: a thousand edits at once, since what is no longer well is to be out of the tables before anything else is done. */
const WRITING = 20;

/** The code of an answer that could not be read. */
const UNREADABLE = 'EBADMSG';

/** Counts all entries at a look where it says the instant, and none but those of weight 0 where it does not. */
export type CountNow = () => Micros | undefined;

/**
 * Opens the port in the network namespace of the moment; throws KernelError. A kernel without ip_vs answers every question
 * with ENOENT: nothing here loads modules.
 */
export function openIpvs(onEvent: (event: IpvsEvent) => void, countNow: CountNow = () => undefined): OpenIpvsPort {
  const writer = new NetlinkRequester(PROTOCOL.generic, { turn: WRITING });
  const reader = new NetlinkRequester(PROTOCOL.generic, { givesWayTo: writer });
  let counted = NOTHING_COUNTED;
  return {
    snapshot: (id) => {
      resolveFamily(reader, IPVS_FAMILY.name, (family) => {
        const failed = (code: string): void => onEvent({ type: 'snapshotFailed', id, code });
        if (family instanceof KernelError) failed(family.code);
        else takeSnapshot(reader, family, countNow(), failed, (tables, counts) => {
          counted = counts.at === undefined ? { ...counted, weightless: counts.weightless } : counts;
          onEvent({ type: 'snapshotTaken', id, tables, idle: idleOf(counts.weightless) });
        });
      });
    },
    apply: (id, ops) => {
      resolveFamily(writer, IPVS_FAMILY.name, (family) => {
        if (family instanceof KernelError) onEvent({ type: 'opsFailed', id, code: family.code, failures: [] });
        else applyOps(writer, family, ops, (answer) => onEvent({ ...answer, id }));
      });
    },
    counted: () => counted,
    setReceiveBuffer: (size) => {
      for (const requester of [reader, writer]) requester.setReceiveBuffer(size);
    },
    close: () => {
      for (const requester of [reader, writer]) requester.close();
    },
  };
}

function idleOf(weightless: Weightless): ReadonlySet<string> {
  const isIdle = (counts: Connections | undefined): boolean => counts !== undefined && Object.values(counts).every((count) => count === 0);
  return new Set([...weightless].flatMap(([key, counts]) => (isIdle(counts) ? [key] : [])));
}

/** `at`: of a look that counts. */
function takeSnapshot(
  requester: NetlinkRequester,
  family: number,
  at: Micros | undefined,
  failed: (code: string) => void,
  taken: (tables: Map<ServiceKey, ServiceEntry>, counted: Counted) => void,
): void {
  requester.query(request(family, encodeServiceDump(), FLAG.dump), (result) => {
    const services = readServices(result, at !== undefined);
    if (typeof services === 'string') {
      failed(services);
      return;
    }
    const tables = new Map<ServiceKey, ServiceEntry>();
    const counts = new Map<ServiceKey, ServiceCounts>();
    const weightless = new Map<string, Connections | undefined>();
    const finish = (): void => taken(tables, { ...given({ at }), tables: counts, weightless });
    if (services.length === 0) finish();
    let open = services.length;
    let trouble: string | undefined;
    for (const { service, traffic } of services) {
      const key = serviceKey(service.identity);
      requester.query(request(family, encodeDestinationDump(service.identity), FLAG.dump), (answer) => {
        const read = readDestinations(answer, service, key, at !== undefined, weightless);
        if (typeof read === 'string') trouble ??= read;
        else tables.set(key, { service, destinations: read.destinations });
        if (typeof read !== 'string' && traffic !== undefined) counts.set(key, { traffic, destinations: read.counts });
        open -= 1;
        if (open > 0) return;
        if (trouble === undefined) finish();
        else failed(trouble);
      });
    }
  });
}

interface FoundService {
  readonly service: Service;
  /** Undefined unless it is counted. */
  readonly traffic: Traffic | undefined;
}

/** The services of a dump, or the code of what went wrong. Kinds that we never write are left out. */
function readServices(result: QueryResult, count: boolean): readonly FoundService[] | string {
  if (!result.ok) return result.error.code;
  const services: FoundService[] = [];
  for (const { data } of result.messages) {
    const bytes = genericAttributes(data);
    const service = decodeService(bytes);
    if (service.ok) services.push({ service: service.value, traffic: count ? serviceTraffic(bytes) : undefined });
    else if (service.error !== 'unsupported') return UNREADABLE;
  }
  return services;
}

interface FoundDestinations {
  readonly destinations: ReadonlyMap<DestinationKey, Destination>;
  /** Empty unless all are counted. */
  readonly counts: ReadonlyMap<DestinationKey, DestinationCounts>;
}

/** Counting costs time. It is done on demand, and for the entries of weight 0 always: it matters when their last connection goes. */
function readDestinations(
  result: QueryResult,
  { identity }: Service,
  service: ServiceKey,
  countAll: boolean,
  weightless: Map<string, Connections | undefined>,
): FoundDestinations | string {
  if (!result.ok) return result.error.code;
  const family = identity.kind === 'fwmark' ? identity.family : familyOf(identity.address);
  const destinations = new Map<DestinationKey, Destination>();
  const counts = new Map<DestinationKey, DestinationCounts>();
  for (const { data } of result.messages) {
    const bytes = genericAttributes(data);
    const destination = decodeDestination(bytes, family);
    if (!destination.ok && destination.error !== 'unsupported') return UNREADABLE;
    if (!destination.ok) continue;
    const { value } = destination;
    const key = destinationKey(value);
    destinations.set(key, value);
    const counted = countAll || value.weight === 0 ? destinationCounts(bytes) : undefined;
    if (value.weight === 0) weightless.set(entryKey(service, key), counted?.connections);
    if (countAll && counted !== undefined) counts.set(key, counted);
  }
  return { destinations, counts };
}

type Answer =
  | { readonly type: 'opsApplied' }
  | Omit<Extract<IpvsEvent, { readonly type: 'opsFailed' }>, 'id'>;

function applyOps(
  requester: NetlinkRequester,
  family: number,
  ops: readonly Op[],
  done: (answer: Answer) => void,
): void {
  requester.batch(
    encoded(family, ops),
    (errors) => {
      const failures: OpFailure[] = [];
      let lost: AnswerLost | undefined;
      for (const [index, error] of errors.entries()) {
        const op = ops[index];
        if (error === undefined || op === undefined || isGoneAlready(op, error)) continue;
        if (error instanceof AnswerLost) lost ??= error;
        else failures.push({ index, code: error.code, errno: error.errno });
      }
      const [first] = failures;
      if (lost !== undefined) done({ type: 'opsFailed', code: lost.code, failures, othersUnknown: true });
      else done(first === undefined ? { type: 'opsApplied' } : { type: 'opsFailed', code: first.code, failures });
    },
  );
}

function* encoded(family: number, ops: readonly Op[]): Generator<NetlinkRequest, undefined> {
  for (const op of ops) yield request(family, encodeOp(op), 0);
}

/** ip_vs answers ESRCH for a missing service and ENOENT for a missing destination. */
function isGoneAlready({ type }: Op, { code }: KernelError): boolean {
  return (type === 'deleteService' || type === 'deleteDestination') && (code === 'ESRCH' || code === 'ENOENT');
}

function request(family: number, { command, bytes }: IpvsMessage, flags: number): NetlinkRequest {
  return { type: family, flags, payload: genericPayload(command, IPVS_FAMILY.version, bytes), operation: 'ipvs' };
}
