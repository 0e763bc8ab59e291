/** Runs inside a lab kernel, where ip_vs is: drives the port and prints what ipvsadm then shows, as one JSON line. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { IpAddress } from '../../src/base/address.js';
import { micros } from '../../src/base/time.js';
import { type IpvsEvent, openIpvs } from '../../src/io/netlink/ipvs-kernel.js';
import { type Op, planOps } from '../../src/ipvs/plan.js';
import { type Tables, destinationKey, serviceKey } from '../../src/ipvs/tables.js';
import { destination, entry, tablesOf } from './ipvs-entries.js';

const answers: IpvsEvent[] = [];
let arrived = (): void => undefined;
let counts = false;
const port = openIpvs(
  (event) => {
    answers.push(event);
    arrived();
  },
  () => (counts ? micros(1) : undefined),
);

async function answer(): Promise<IpvsEvent> {
  for (;;) {
    const event = answers.shift();
    if (event !== undefined) return event;
    await new Promise<void>((resolve) => (arrived = resolve));
  }
}

const shown = (): string[] => execFileSync('ipvsadm', ['-Sn'], { encoding: 'utf8' }).trim().split('\n').sort();
const tcp = { kind: 'address', protocol: 'tcp', port: 80 } as const;
const web = { ...tcp, address: '192.0.2.1' as IpAddress };

const first = tablesOf(
  entry(web, { scheduler: 'rr' }, destination('198.51.100.1', 80), destination('198.51.100.2', 80, { weight: 3 })),
  entry(
    { ...tcp, address: '2001:db8::1' as IpAddress },
    { persistenceTimeout: 300, persistenceGranularity: '64' },
    destination('2001:db8::11', 8080, { method: 'nat', upperThreshold: 9, lowerThreshold: 4 }),
  ),
  entry(
    { kind: 'fwmark', fwmark: 7, family: 'ipv4' },
    { scheduler: 'sh', flags: 0x18 },
    destination('198.51.100.3', 0, { method: 'tunnel' }),
    destination('198.51.100.4', 0, { method: 'tunnel', tunnel: { type: 'gue', port: 6080, checksum: 'checksum' } }),
  ),
);
const second = tablesOf(
  entry(web, { scheduler: 'wrr' }, destination('198.51.100.2', 80, { weight: 0 }), destination('198.51.100.9', 80)),
);

async function change(from: Tables, to: Tables, owned: Tables): Promise<IpvsEvent> {
  port.apply(1, planOps(to, from, new Set(owned.keys())));
  return answer();
}

async function picture(): Promise<Tables> {
  port.snapshot(2);
  const event = await answer();
  if (event.type !== 'snapshotTaken') throw new Error(JSON.stringify(event));
  return event.tables;
}

/** What the picture differs from the tables by, both ways. */
function difference(a: Tables, b: Tables): number {
  return planOps(a, b, new Set(b.keys())).length;
}

const added = await change(new Map(), first, new Map());
const report: Record<string, unknown> = { added: added.type, first: shown(), firstDiffers: difference(first, await picture()) };
report['changed'] = (await change(first, second, first)).type;
report['second'] = shown();
report['secondDiffers'] = difference(second, await picture());

const [webKey, webEntry] = [...second][0] ?? [];
if (webKey === undefined || webEntry === undefined) throw new Error('no service');
const absent = { ...webEntry.service, identity: { ...web, port: 81 } };
const wrong = destination('198.51.100.77', 80);
const refused: Op[] = [
  { type: 'addService', key: webKey, service: webEntry.service },
  { type: 'deleteService', key: serviceKey(absent.identity), service: absent },
  { type: 'deleteDestination', key: webKey, service: webEntry.service, destinationKey: destinationKey(wrong), destination: wrong },
  { type: 'editDestination', key: webKey, service: webEntry.service, destinationKey: destinationKey(wrong), destination: wrong },
  { type: 'addService', key: 'bad', service: { ...absent, scheduler: 'nosuch' } },
  { type: 'addDestination', key: webKey, service: webEntry.service, destinationKey: destinationKey(wrong), destination: wrong },
];
port.apply(3, refused);
report['refused'] = await answer();

const many = tablesOf(
  entry({ ...web, port: 8080 }, {}, ...Array.from({ length: 3000 }, (_, i) => destination(`10.1.${i >> 8}.${i & 255}`, 8080))),
);
report['many'] = (await change(new Map(), many, new Map())).type;
report['manyDiffers'] = difference(many, new Map([...(await picture())].filter(([key]) => many.has(key))));

/** Reading two thousand services takes far longer than one edit: the kinds of answers in the order they come. */
async function editDuringPicture(): Promise<string[]> {
  const services = Array.from({ length: 2000 }, (_, i) => entry({ kind: 'fwmark', fwmark: 1000 + i, family: 'ipv4' }, {}));
  const wide = tablesOf(...services);
  await change(new Map(), wide, new Map());
  port.snapshot(4);
  port.apply(5, planOps(tablesOf(entry({ ...web, port: 9090 }, {})), new Map(), new Set()));
  const order = [(await answer()).type, (await answer()).type];
  await change(wide, new Map(), wide);
  return order;
}
report['duringPicture'] = await editDuringPicture();

/** Connections, packets and bytes, in and out, of the service and its server. */
function statistics(): number[][] {
  const text = execFileSync('ipvsadm', ['-Ln', '--stats', '--exact', '-t', '192.0.2.200:80'], { encoding: 'utf8' });
  return text.split('\n').flatMap((line) => (/192\.0\.2\.20/.test(line) ? [line.trim().split(/\s+/).slice(2).map(Number)] : []));
}

/** Three connections of this host to itself through a service of its own; the last one stays. */
async function countTraffic(): Promise<unknown> {
  execFileSync('ip', ['address', 'add', '192.0.2.200/32', 'dev', 'lo']);
  execFileSync('ip', ['address', 'add', '192.0.2.201/32', 'dev', 'lo']);
  const server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(8080, '192.0.2.201');
  await once(server, 'listening');
  const local = tablesOf(entry({ ...tcp, address: '192.0.2.200' as IpAddress }, {}, destination('192.0.2.201', 8080, { method: 'nat' })));
  await change(new Map(), local, new Map());
  const open = async (): Promise<ReturnType<typeof connect>> => {
    const socket = connect(80, '192.0.2.200').on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  for (let i = 0; i < 2; i += 1) (await open()).destroy();
  const kept = await open();
  const silent = (await picture(), port.counted());
  // The kernel adds up every other second.
  for (let i = 0; i < 50 && statistics().some(([connections]) => connections !== 3); i += 1) await setTimeout(200);
  counts = true;
  await picture();
  const { at, tables } = port.counted();
  const service = tables.get('tcp 192.0.2.200:80');
  kept.destroy();
  server.close();
  return {
    silent: [silent.at, silent.tables.size],
    at,
    shown: statistics(),
    counted: [service?.traffic, service?.destinations.get('192.0.2.201:8080')?.traffic].map(
      (traffic) => traffic && [traffic.connections, traffic.packetsIn, traffic.packetsOut, traffic.bytesIn, traffic.bytesOut],
    ),
    connections: service?.destinations.get('192.0.2.201:8080')?.connections,
  };
}

report['traffic'] = await countTraffic();
port.close();
process.stdout.write(`${JSON.stringify(report)}\n`);
