/**
 * Inside a lab whose kernel has IPVS and address translation by nf_tables: `lb_kind FULLNAT` from client to server and back. The
 * servers' default route leads past the director to a gateway that knows no client. IPv4 and IPv6, TCP, UDP, SCTP, marked packets,
 * and a group whose packets get their mark from us (nftables_ipvs).
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Director } from '../director.js';
import { startDirector } from '../director.js';
import type { Holding } from '../holder.js';
import { CHECKOUT } from '../lab.js';
import { run } from '../namespace.js';
import type { Program } from '../process.js';
import { startProgram, until } from '../process.js';
import { endProofs, prove } from '../proof.js';
import { buildTopology } from '../topology.js';
import { startRealServer } from '../traffic.js';

const DIRECTOR = 'full-director1';
const CLIENT = 'full-client';
const SETTINGS = ['net.ipv4.ip_forward', 'net.ipv4.vs.conntrack', 'net.ipv6.conf.all.forwarding'];
const HELD = 4;
/** As the servers see the director. */
const DIRECTORS = ['192.168.1.10', '2001:db8:1::10'];

await buildTopology({
  prefix: 'full-',
  hosts: [
    {
      name: 'client',
      links: [{ lan: 'outside', name: 'eth0', addresses: ['12.0.0.2/24', '2001:db8:c::2/64'] }],
      routes: ['192.0.2.0/23 via 12.0.0.1', '2001:db8:3::/64 via 2001:db8:c::1'],
    },
    {
      name: 'director1',
      links: [
        { lan: 'inside', name: 'eth0', addresses: ['192.168.1.10/24', '2001:db8:1::10/64'] },
        { lan: 'outside', name: 'eth1', addresses: ['12.0.0.1/24', '2001:db8:c::1/64'] },
      ],
      settings: ['net.ipv4.ip_forward=0', 'net.ipv6.conf.all.forwarding=0', 'net.ipv4.vs.conntrack=0'],
      // Packets to these networks are for this host: marked, they are a service whatever their address.
      extra: ['route add local 192.0.2.0/23 dev lo', 'route add local 2001:db8:3::/64 dev lo'],
    },
    { name: 'gateway', links: [{ lan: 'inside', name: 'eth0', addresses: ['192.168.1.1/24', '2001:db8:1::1/64'] }] },
    ...[20, 30].map((last, index) => ({
      name: `server${index + 1}`,
      links: [{ lan: 'inside', name: 'eth0', addresses: [`192.168.1.${last}/24`, `2001:db8:1::${last}/64`] }],
      gateway: '192.168.1.1',
      extra: ['route add default via 2001:db8:1::1'],
    })),
  ],
});

const MARKING = 'table ip marking { chain c { type filter hook prerouting priority mangle; ip daddr 192.0.2.0/24 meta mark set 7; }; }';
await run(DIRECTOR, ['nft', '-f', '-'], MARKING);

function service(head: string, protocol: string | undefined, port: number, servers: readonly string[], method: string, weight: number): string {
  const check = 'TCP_CHECK {\n connect_port 80\n connect_timeout 3\n }';
  const lines = servers.map((server) => `real_server ${server} ${port} {\n weight ${weight}\n ${check}\n }`);
  return `virtual_server ${head} {\n delay_loop 1\n lb_algo rr\n lb_kind ${method}\n${protocol === undefined ? '' : ` protocol ${protocol}\n`} ${lines.join('\n ')}\n}\n`;
}

const FOUR = ['192.168.1.20', '192.168.1.30'];
const SIX = ['2001:db8:1::20', '2001:db8:1::30'];

function configuration(method: 'NAT' | 'FULLNAT', weight = 1, six = SIX): string {
  return [
    // An emulated machine beside other tests needs many times as long to end in order.
    'global_defs {\n nftables_ipvs\n child_wait_time 120\n}\n',
    'virtual_server_group four {\n 192.0.3.1-100 8080\n}\n',
    'virtual_server_group six {\n 2001:db8:3::1-9 8080\n}\n',
    service('group four', 'TCP', 80, FOUR, method, weight),
    service('group six', 'TCP', 80, SIX, method, weight),
    service('12.0.0.1 80', 'TCP', 80, FOUR, method, weight),
    service('2001:db8:c::1 80', 'TCP', 80, six, method, weight),
    // What FULLNAT cannot do is not done.
    service('12.0.0.1 5300', 'UDP', 5300, FOUR, method, weight).replace('delay_loop', 'ops\n delay_loop'),
    service('12.0.0.1 5000', 'SCTP', 5000, FOUR, method, weight),
    service('2001:db8:c::1 5000', 'SCTP', 5000, SIX, method, weight),
    service('fwmark 7', undefined, 80, FOUR, method, weight),
  ].join('');
}

const settings = async (): Promise<string> => (await run(DIRECTOR, ['sysctl', '-n', ...SETTINGS])).trim().replaceAll('\n', ' ');
/** Handles tell whether anything was made again; counters go on. */
const rules = async (): Promise<string> => (await run(DIRECTOR, ['nft', '-a', 'list', 'ruleset'])).replace(/packets \d+ bytes \d+/g, '');
const ask = async (url: string, from = CLIENT): Promise<string> => (await run(from, ['sh', '-c', `curl -s --max-time 3 '${url}' || true`])).trim();

async function bothAnswer(url: string, from = CLIENT): Promise<void> {
  const answers = new Set<string>();
  await until(`answers of both servers from ${url}`, 60, async () => {
    answers.add(await ask(url, from));
    answers.delete('');
    return answers.size >= 2 ? true : undefined;
  });
  assert.deepEqual([...answers].sort(), ['full-server1', 'full-server2']);
}

/** From where the servers have the connections that are open now. */
async function clientsSeen(): Promise<readonly string[]> {
  const listed = await Promise.all(['full-server1', 'full-server2'].map((name) => run(name, ['ss', '-Htn', 'state', 'established', 'sport', '=', ':80'])));
  const peers = listed.join('').match(/\S+(?=:\d+\s*$)/gm) ?? [];
  return [...new Set(peers.map((peer) => peer.replace(/[[\]]|::ffff:/g, '')))].sort();
}

function hold(address: string, port = 80): Program {
  const words = [join(CHECKOUT, 'dist/test/lab/holder.js'), address, String(port), String(HELD), '500'];
  return startProgram([process.execPath, ...words], { namespace: CLIENT });
}

async function holding(holder: Program): Promise<Holding> {
  const from = holder.lines.length;
  holder.tell('report');
  return JSON.parse((await holder.line(/^\{/, 60, from)).text) as Holding;
}

/** What has been asked of silenced holders is answered, and nobody sends anything again. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 3_000));
}

/** All connections are still open, and what is said from now on comes back. */
async function stillHeld(): Promise<void> {
  for (const holder of holders) {
    await holding(holder);
    await until('an echo', 60, async () => ((await holding(holder)).longest < 1000 ? true : undefined));
    const { held, lost } = await holding(holder);
    assert.deepEqual({ held, lost }, { held: HELD, lost: [] });
  }
}

const UDP_SERVER = "const s=require('dgram').createSocket('udp4');s.on('message',(m,r)=>s.send(process.argv[1]+' '+r.address,r.port,r.address));s.bind(5300,()=>console.log('ready'))";
const UDP_CLIENT = "const s=require('dgram').createSocket('udp4');s.on('message',(m)=>{console.log(String(m));process.exit()});s.send('?',5300,'12.0.0.1');setTimeout(()=>process.exit(),3000)";

/** Node has no SCTP; perl is on every Debian. The server says who it is and whom it sees. */
const SCTP_SERVER = [
  'use Socket qw(:all); $| = 1; socket(S, PF_INET6, SOCK_STREAM, 132) or die "socket $!";',
  'bind(S, pack_sockaddr_in6(5000, inet_pton(AF_INET6, "::"))) or die "bind $!"; listen(S, 16) or die "listen $!"; print "ready\\n";',
  'while ($peer = accept(C, S)) { my (undef, $from) = unpack_sockaddr_in6($peer); syswrite(C, $ARGV[0] . " " . inet_ntop(AF_INET6, $from)); close(C); }',
].join(' ');
const SCTP_CLIENT = [
  'use Socket qw(:all); my $six = $ARGV[0] =~ /:/; my $family = $six ? PF_INET6 : PF_INET;',
  'my $to = $six ? pack_sockaddr_in6(5000, inet_pton(AF_INET6, $ARGV[0])) : pack_sockaddr_in(5000, inet_aton($ARGV[0]));',
  'alarm 5; socket(S, $family, SOCK_STREAM, 132) or exit; connect(S, $to) or exit; sysread(S, my $text, 200); print $text;',
].join(' ');

async function bothAnswerBySctp(address: string, seen: string): Promise<void> {
  const answers = new Set<string>();
  await until(`answers of both servers by SCTP to ${address}`, 60, async () => {
    answers.add((await run(CLIENT, ['sh', '-c', `perl -e '${SCTP_CLIENT}' ${address} || true`])).trim());
    answers.delete('');
    return answers.size >= 2 ? true : undefined;
  });
  assert.deepEqual([...answers].sort(), [`full-server1 ${seen}`, `full-server2 ${seen}`]);
}

await Promise.all(
  ['full-server1', 'full-server2'].map(async (name) => {
    await startProgram(['perl', '-e', SCTP_SERVER, name], { namespace: name }).line(/^ready$/, 60);
    await startRealServer(name, [':::80']);
    await startProgram([process.execPath, '-e', UDP_SERVER, name], { namespace: name }).line(/^ready$/, 60);
  }),
);

let director: Director;
const holders: Program[] = [];
/** Two servers in each of eight services. */
const weightEverywhere = (weight: number) => (table: string): boolean => (table.match(new RegExp(` -m -w ${weight}$`, 'gm')) ?? []).length === 16;

async function start(text: string): Promise<void> {
  director = startDirector({ namespace: DIRECTOR, daemon: 'holdfast', configuration: { text } });
  await director.tableThat('all servers', 60, weightEverywhere(1));
  await director.program.line(/Startup complete/, 60);
}

async function reload(text: string): Promise<void> {
  const from = director.program.lines.length;
  director.reload(text);
  await director.program.line(/Reload complete/, 60, from);
}

let before = '';

await prove('with NAT alone no answer finds its way back', async () => {
  before = await rules();
  await start(configuration('NAT'));
  assert.deepEqual(await Promise.all([ask('http://12.0.0.1/'), ask('http://[2001:db8:c::1]/')]), ['', '']);
  assert.equal(await settings(), '0 0 0');
  assert.doesNotMatch(await rules(), /masquerade/);
});

await prove('after a reload to FULLNAT both servers answer, over IPv4 and IPv6', async () => {
  await reload(configuration('FULLNAT'));
  await bothAnswer('http://12.0.0.1/');
  await bothAnswer('http://[2001:db8:c::1]/');
  assert.equal(await settings(), '1 1 1');
  assert.doesNotMatch(director.program.text(), /failed|refused/i);
});

await prove('to the servers the director is the client', async () => {
  for (const address of ['12.0.0.1', '2001:db8:c::1']) {
    const holder = hold(address);
    holders.push(holder);
    await holder.line(/^held$/, 60);
  }
  assert.deepEqual(await clientsSeen(), DIRECTORS);
});

await prove('UDP and marked packets find their way too', async () => {
  await bothAnswer('http://192.0.2.55/');
  const answer = await until('an answer', 60, async () => (await run(CLIENT, [process.execPath, '-e', UDP_CLIENT])).trim() || undefined);
  assert.match(answer, /^full-server[12] 192\.168\.1\.10$/);
  assert.match(await director.table(), /^-A -u 12\.0\.0\.1:5300 -s rr$/m);
});

await prove('SCTP finds its way, over IPv4 and IPv6', async () => {
  await bothAnswerBySctp('12.0.0.1', '::ffff:192.168.1.10');
  await bothAnswerBySctp('2001:db8:c::1', '2001:db8:1::10');
});

await prove('groups whose packets get their mark from us find their way too, also when the director itself asks', async () => {
  assert.match(await director.table(), /^-A -f 1000 -s rr$[^]*^-A -f 1001 -6 -s rr$/m);
  await bothAnswer('http://192.0.3.77:8080/');
  await bothAnswer('http://[2001:db8:3::5]:8080/');
  await bothAnswer('http://192.0.3.1:8080/', DIRECTOR);
  await bothAnswer('http://[2001:db8:3::1]:8080/', DIRECTOR);
  const holder = hold('192.0.3.100', 8080);
  holders.push(holder);
  await holder.line(/^held$/, 60);
  assert.deepEqual(await clientsSeen(), DIRECTORS);
});

await prove('reloads keep the connections, and touch the rules only when servers change', async () => {
  const made = await rules();
  await reload(configuration('FULLNAT', 5));
  await director.tableThat('the new weights', 60, weightEverywhere(5));
  assert.equal(await rules(), made);
  await reload(configuration('FULLNAT', 5, [...SIX, '2001:db8:1::40']));
  await until('the new server in its set', 60, async () => ((await rules()).includes('2001:db8:1::40') ? true : undefined));
  await reload(configuration('FULLNAT', 1));
  await director.tableThat('the old weights', 60, weightEverywhere(1));
  assert.ok(!(await rules()).includes('2001:db8:1::40'));
  await stillHeld();
});

await prove('rules and settings that somebody takes away come back, and connections that were silent meanwhile are kept', async () => {
  // An answer that comes while there is no translation meets nobody: the director's kernel resets it, whoever runs there.
  for (const holder of holders) holder.signal('SIGSTOP');
  await quiet();
  await run(DIRECTOR, ['nft', 'delete', 'table', 'ip', 'holdfast_fullnat']);
  await run(DIRECTOR, ['sysctl', '-qw', 'net.ipv4.vs.conntrack=0']);
  await until('both are back', 60, async () => ((await rules()).includes('table ip holdfast_fullnat') && (await settings()) === '1 1 1' ? true : undefined));
  for (const holder of holders) holder.signal('SIGCONT');
  await bothAnswer('http://12.0.0.1/');
  await stillHeld();
});

await prove('a kill of everything and a start keep the connections', async () => {
  await director.vanish();
  await stillHeld();
  await start(configuration('FULLNAT'));
  await stillHeld();
  await bothAnswer('http://12.0.0.1/');
  await bothAnswer('http://[2001:db8:c::1]/');
  assert.deepEqual(await clientsSeen(), DIRECTORS);
});

await prove('a stop leaves neither rules nor table, and the settings as they were before the kill', async () => {
  assert.equal(await director.stop(), 0);
  assert.deepEqual([await director.table(), await rules(), await settings()], ['', before, '0 0 0']);
  assert.equal(existsSync(`/tmp/${DIRECTOR}/checkers.pid.fullnat`), false);
});

endProofs();
