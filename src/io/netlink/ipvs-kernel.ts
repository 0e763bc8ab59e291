/**
 * IpvsPort on generic netlink: pictures of the kernel's tables and edits of them, in the order asked. What the edits are is
 * decided by the reconciler; refusals are passed on as they are, except that deleting what is not there has succeeded.
 */

import { familyOf } from '../../base/address.js';
import type { OpFailure, ReconcilerEvent } from '../../ipvs/events.js';
import {
  IPVS_FAMILY,
  type IpvsMessage,
  decodeDestination,
  decodeService,
  encodeDestinationDump,
  encodeOp,
  encodeServiceDump,
  connectionsIn,
} from '../../ipvs/messages.js';
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
import { NetlinkRequester, type QueryResult } from './netlink.js';
import type { BufferSize } from '../sockets/socket-options.js';

export type IpvsEvent = Extract<
  ReconcilerEvent,
  { readonly type: 'snapshotTaken' | 'snapshotFailed' | 'opsApplied' | 'opsFailed' }
>;

type Weightless = ReadonlyMap<string, Connections | undefined>;

export interface OpenIpvsPort extends IpvsPort {
  /** Of answers that may wait to be read; undefined for the default of NetlinkSocket. */
  /** Of entries of weight 0, by entryKey, as of the last look. */
  readonly connections: () => Weightless;
  readonly setReceiveBuffer: (size: BufferSize | undefined) => void;
  readonly close: () => void;
}

/** The code of an answer that could not be read. */
const UNREADABLE = 'EBADMSG';

/**
 * Opens the port in the network namespace of the moment; throws KernelError. A kernel without ip_vs answers every question
 * with ENOENT: nothing here loads modules.
 */
export function openIpvs(onEvent: (event: IpvsEvent) => void): OpenIpvsPort {
  const requester = new NetlinkRequester(PROTOCOL.generic);
  let counted: Weightless = new Map();
  return {
    snapshot: (id) => {
      resolveFamily(requester, IPVS_FAMILY.name, (family) => {
        const failed = (code: string): void => onEvent({ type: 'snapshotFailed', id, code });
        if (family instanceof KernelError) failed(family.code);
        else takeSnapshot(requester, family, failed, (tables, weightless) => {
          counted = weightless;
          onEvent({ type: 'snapshotTaken', id, tables, idle: idleOf(weightless) });
        });
      });
    },
    apply: (id, ops) => {
      resolveFamily(requester, IPVS_FAMILY.name, (family) => {
        if (family instanceof KernelError) onEvent({ type: 'opsFailed', id, code: family.code, failures: [] });
        else applyOps(requester, family, ops, (answer) => onEvent({ ...answer, id }));
      });
    },
    connections: () => counted,
    setReceiveBuffer: (size) => requester.setReceiveBuffer(size),
    close: () => requester.close(),
  };
}

function idleOf(weightless: Weightless): ReadonlySet<string> {
  const isIdle = (counts: Connections | undefined): boolean => counts !== undefined && Object.values(counts).every((count) => count === 0);
  return new Set([...weightless].flatMap(([key, counts]) => (isIdle(counts) ? [key] : [])));
}

function takeSnapshot(
  requester: NetlinkRequester,
  family: number,
  failed: (code: string) => void,
  taken: (tables: Map<ServiceKey, ServiceEntry>, weightless: Weightless) => void,
): void {
  requester.query(request(family, encodeServiceDump(), FLAG.dump), (result) => {
    const services = readServices(result);
    if (typeof services === 'string') {
      failed(services);
      return;
    }
    const tables = new Map<ServiceKey, ServiceEntry>();
    const weightless = new Map<string, Connections | undefined>();
    if (services.length === 0) taken(tables, weightless);
    let open = services.length;
    let trouble: string | undefined;
    for (const service of services) {
      requester.query(request(family, encodeDestinationDump(service.identity), FLAG.dump), (answer) => {
        const destinations = readDestinations(answer, service, weightless);
        if (typeof destinations === 'string') trouble ??= destinations;
        else tables.set(serviceKey(service.identity), { service, destinations });
        open -= 1;
        if (open > 0) return;
        if (trouble === undefined) taken(tables, weightless);
        else failed(trouble);
      });
    }
  });
}

/** The services of a dump, or the code of what went wrong. Kinds that we never write are left out. */
function readServices(result: QueryResult): Service[] | string {
  if (!result.ok) return result.error.code;
  const services: Service[] = [];
  for (const { data } of result.messages) {
    const service = decodeService(genericAttributes(data));
    if (service.ok) services.push(service.value);
    else if (service.error !== 'unsupported') return UNREADABLE;
  }
  return services;
}

/** Adds to `weightless` the entries of weight 0: counting costs time, and of those it matters when the last connection goes. */
function readDestinations(result: QueryResult, service: Service, weightless: Map<string, Connections | undefined>): ReadonlyMap<DestinationKey, Destination> | string {
  if (!result.ok) return result.error.code;
  const { identity } = service;
  const family = identity.kind === 'fwmark' ? identity.family : familyOf(identity.address);
  const destinations = new Map<DestinationKey, Destination>();
  for (const { data } of result.messages) {
    const destination = decodeDestination(genericAttributes(data), family);
    if (destination.ok) {
      const key = destinationKey(destination.value);
      destinations.set(key, destination.value);
      if (destination.value.weight === 0) weightless.set(entryKey(serviceKey(identity), key), connectionsIn(genericAttributes(data)));
    } else if (destination.error !== 'unsupported') return UNREADABLE;
  }
  return destinations;
}

type Answer =
  | { readonly type: 'opsApplied' }
  | { readonly type: 'opsFailed'; readonly code: string; readonly failures: readonly OpFailure[] };

function applyOps(
  requester: NetlinkRequester,
  family: number,
  ops: readonly Op[],
  done: (answer: Answer) => void,
): void {
  requester.batch(
    ops.map((op) => request(family, encodeOp(op), 0)),
    (errors) => {
      const failures: OpFailure[] = [];
      for (const [index, error] of errors.entries()) {
        const op = ops[index];
        if (error === undefined || op === undefined || isGoneAlready(op, error)) continue;
        failures.push({ index, code: error.code, errno: error.errno });
      }
      const [first] = failures;
      done(first === undefined ? { type: 'opsApplied' } : { type: 'opsFailed', code: first.code, failures });
    },
  );
}

/** ip_vs answers ESRCH for a missing service and ENOENT for a missing destination. */
function isGoneAlready({ type }: Op, { code }: KernelError): boolean {
  return (type === 'deleteService' || type === 'deleteDestination') && (code === 'ESRCH' || code === 'ENOENT');
}

function request(family: number, { command, bytes }: IpvsMessage, flags: number): NetlinkRequest {
  return { type: family, flags, payload: genericPayload(command, IPVS_FAMILY.version, bytes), operation: 'ipvs' };
}
