/**
 * The health service of gRPC, as bytes: https://github.com/grpc/grpc/blob/master/doc/health-checking.md, its frames as in
 * PROTOCOL-HTTP2.md there, its messages as in protocol buffers. Bytes in, a judgement out.
 */

import type { ProbeFailure } from './events.js';

export const GRPC_HEALTH_PATH = '/grpc.health.v1.Health/Check';

/** HealthCheckResponse.ServingStatus. */
const STATUS_NAMES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
const SERVING = 1;

/** grpc-status; the names are those of the specification. */
const CODES: Readonly<Record<string, string>> = {
  '2': 'UNKNOWN', '4': 'DEADLINE_EXCEEDED', '5': 'NOT_FOUND', '7': 'PERMISSION_DENIED', '8': 'RESOURCE_EXHAUSTED',
  '12': 'UNIMPLEMENTED', '13': 'INTERNAL', '14': 'UNAVAILABLE', '16': 'UNAUTHENTICATED',
};

/** HealthCheckRequest in its frame: uncompressed, its length in four bytes, the name (UTF-8) as field 1 unless it is empty. */
export function encodeHealthRequest(name: Uint8Array): Uint8Array {
  const message = name.length === 0 ? [] : [0x0a, ...varint(name.length), ...name];
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  return frame;
}

export interface GrpcReply {
  /** The :status of HTTP. */
  readonly status: number;
  /** grpc-status, from the trailers or a head without body; absent when none came. */
  readonly grpcStatus?: string;
  readonly body: Uint8Array;
}

/** Undefined: it serves. Total. */
export function judgeHealth({ status, grpcStatus, body }: GrpcReply): ProbeFailure | undefined {
  if (status !== 200) return { type: 'statusCode', status };
  if (grpcStatus !== '0') {
    const code = grpcStatus === undefined ? 'no status came' : `status ${grpcStatus} ${CODES[grpcStatus] ?? ''}`.trim();
    return { type: 'unexpected', detail: `gRPC: ${code}` };
  }
  const serving = servingStatus(body);
  if (serving === SERVING) return undefined;
  return { type: 'unexpected', detail: `gRPC: ${serving === undefined ? 'no health came' : (STATUS_NAMES[serving] ?? String(serving))}` };
}

/** Field 1 of HealthCheckResponse; a message without it has its default, 0. Undefined when it is no such message. */
function servingStatus(body: Uint8Array): number | undefined {
  if (body.length < 5 || body[0] !== 0) return undefined;
  const length = new DataView(body.buffer, body.byteOffset).getUint32(1);
  const message = body.subarray(5, 5 + length);
  if (message.length !== length) return undefined;
  if (length === 0) return 0;
  // The one field there is, in one byte: a longer number is no status.
  return length === 2 && message[0] === 0x08 ? message[1] : undefined;
}

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}
