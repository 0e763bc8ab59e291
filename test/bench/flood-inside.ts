/** Sends rubbish from inside a namespace: `flood-inside.js INTERFACE KIND PACKETS_A_SECOND SECONDS`; prints how many went out. */

import { parseAddress } from '../../src/base/address.js';
import { present } from '../../src/base/invariant.js';
import { seconds } from '../../src/base/time.js';
import { AdvertSocket } from '../../src/io/sockets/advert-socket.js';
import { encodeAdvert } from '../../src/vrrp/wire/packet.js';

const [name = 'eth0', kind = 'checksum', rate = '30000', duration = '20'] = process.argv.slice(2);
const address = (text: string): ReturnType<typeof present<NonNullable<ReturnType<typeof parseAddress>>>> => present(parseAddress(text), text);
const source = address('10.77.0.3');
const destination = address('224.0.0.18');
const advert = {
  version: 3,
  virtualRouterId: kind === 'unknown router' ? 52 : 51,
  priority: kind === 'goodbye' ? 0 : 1,
  advertInterval: seconds(1),
  addresses: [address('10.77.0.100')],
} as const;
const payload = encodeAdvert(advert, { family: 'ipv4', source, destination });
if (kind === 'checksum') payload[6] = (payload[6] ?? 0) ^ 0xff;

const socket = new AdvertSocket({ family: 'ipv4', interface: name, protocol: 'vrrp', virtualRouterIds: [] });
const begin = performance.now();
const end = begin + Number(duration) * 1_000;
let sent = 0;
function burst(): void {
  const now = performance.now();
  const due = Math.min(2_000, ((now - begin) / 1_000) * Number(rate) - sent);
  for (let i = 0; i < due; i += 1) {
    socket.send({ source, destination, hopLimit: 255, payload });
    sent += 1;
  }
  if (now < end) {
    setTimeout(burst, 1);
    return;
  }
  process.stdout.write(String(sent));
  socket.close();
}
burst();
