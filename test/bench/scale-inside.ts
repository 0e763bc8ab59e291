/**
 * Asks every address for an echo from inside a namespace until it answers: `scale-inside.js COUNT HEAD_START`. The clock
 * starts when something arrives on standard input; the first question is asked HEAD_START milliseconds later, when nobody
 * can have taken over yet. Prints when each answered, in milliseconds.
 */

import { once } from 'node:events';

import { parseAddress, type IpAddress } from '../../src/base/address.js';
import { internetChecksum } from '../../src/base/checksum.js';
import { present } from '../../src/base/invariant.js';
import { RawSocket } from '../../src/io/sockets/raw-socket.js';
import { placeOf } from './segments.js';

const ICMP = 1;
const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;
/** Milliseconds from one question to the next, for each address. */
const PERIOD = 40;
/** Milliseconds after which those that have not answered never will. */
const PATIENCE = 8_000;

const count = Number(process.argv[2]);
const headStart = Number(process.argv[3]);
const waiting = new Set<IpAddress>(Array.from({ length: count }, (_, index) => address(placeOf(index).address)));
const request = new Uint8Array(16);
request[0] = ECHO_REQUEST;
new DataView(request.buffer).setUint16(2, internetChecksum(request));

const times: number[] = [];
const socket = new RawSocket({ family: 'ipv4', protocol: ICMP, options: [] });
process.stdout.write('ready');
await once(process.stdin, 'data');
const begin = performance.now();
socket.on('message', (packet, { address: source }) => {
  const header = ((packet[0] ?? 0) & 15) * 4;
  if (packet[header] === ECHO_REPLY && waiting.delete(source)) times.push(performance.now() - begin);
});
await new Promise((resolve) => setTimeout(resolve, headStart));
while (waiting.size > 0 && performance.now() - begin < PATIENCE) {
  for (const each of waiting) socket.send(request, each);
  await new Promise((resolve) => setTimeout(resolve, PERIOD));
}
socket.close();
process.stdin.destroy();
process.stdout.write(JSON.stringify(times));

function address(text: string): IpAddress {
  return present(parseAddress(text), text);
}
