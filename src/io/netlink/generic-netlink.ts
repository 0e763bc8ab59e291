/** Generic netlink (linux/genetlink.h): finding a family's number by its name, and the header of its messages. */

import * as controller from 'netlink/dist/genl/structs.js';
import { AttrStream, GENL_HEADER_LENGTH } from 'netlink/dist/structs.js';
import { KernelError } from '../kernel-error.js';
import type { NetlinkRequester } from './netlink.js';

const GENL_ID_CTRL = 0x10;
const CONTROLLER_VERSION = 2;
const ENOENT = 2;

/** The payload of a command: its header, then attributes. */
export function genericPayload(command: number, version: number, attributes: Uint8Array): Uint8Array {
  // struct genlmsghdr: command, version, and two bytes for nothing. One piece of the pool: there may be thousands.
  const payload = Buffer.allocUnsafe(GENL_HEADER_LENGTH + attributes.length);
  payload[0] = command;
  payload[1] = version;
  payload[2] = 0;
  payload[3] = 0;
  payload.set(attributes, GENL_HEADER_LENGTH);
  return payload;
}

/** The attributes behind the header of a generic netlink message. */
export function genericAttributes(data: Uint8Array): Uint8Array {
  return data.subarray(GENL_HEADER_LENGTH);
}

/**
 * The message type of a family. Asked anew each time: it changes when the family's module is loaded again. ENOENT when the
 * kernel has no such family (now).
 */
export function resolveFamily(requester: NetlinkRequester, name: string, done: (type: number | KernelError) => void): void {
  const attributes = new AttrStream();
  attributes.emit(controller.formatMessage({ familyName: name }));
  const payload = genericPayload(controller.Commands.GET_FAMILY, CONTROLLER_VERSION, Buffer.concat(attributes.bufs));
  const operation = `find netlink family ${name}`;
  requester.query({ type: GENL_ID_CTRL, flags: 0, payload, operation }, (result) => {
    if (!result.ok) done(result.error);
    else done(familyId(result.messages[0]?.data) ?? new KernelError(operation, ENOENT));
  });
}

function familyId(data: Buffer | undefined): number | undefined {
  if (data === undefined || data.length < GENL_HEADER_LENGTH) return undefined;
  try {
    return controller.parseMessage(data.subarray(GENL_HEADER_LENGTH)).familyId;
  } catch {
    // The codec throws on attributes of impossible length.
    return undefined;
  }
}
