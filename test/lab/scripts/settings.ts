/**
 * Inside a lab: keepalived and holdfast run the same configuration with lvs_timeouts and lvs_sync_daemon, each in a
 * namespace of its own, and `ipvsadm -L --timeout` and `-L --daemon` must say the same at every stage of their life.
 */

import assert from 'node:assert/strict';
import type { DaemonName, Director } from '../director.js';
import { startDirector } from '../director.js';
import { ip, run } from '../namespace.js';
import { until } from '../process.js';
import { endProofs, prove } from '../proof.js';

/** Seconds: two starts on one busy CPU take long. */
const PATIENCE = 60;

interface Options {
  readonly timeouts?: string;
  readonly daemon?: string;
  /** Further lines of global_defs. */
  readonly global?: readonly string[];
  /** Line of the instance. */
  readonly own?: string;
}

function configuration({ timeouts, daemon, own, global = [] }: Options): string {
  const lines = [...(timeouts === undefined ? [] : [`lvs_timeouts ${timeouts}`]), ...(daemon === undefined ? [] : [`lvs_sync_daemon ${daemon}`]), ...global];
  return `global_defs {
    router_id settings
${lines.map((line) => `    ${line}`).join('\n')}
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    ${own ?? ''}
    virtual_ipaddress {
        10.3.0.100/32
    }
}
virtual_server 10.2.0.1 80 {
    delay_loop 1000
    protocol TCP
    real_server 10.1.0.1 80 {
    }
}
`;
}

/** A lab kernel may lack the packet filter's families: both have their services all the same. */
function groups(): string {
  const use = (name: string, protocol: string, kind: string, servers: readonly string[]): string => {
    const blocks = servers.map((address) => `    real_server ${address} 80 {\n    }`);
    return [`virtual_server group ${name} {`, '    delay_loop 1000', '    lb_algo rr', `    lb_kind ${kind}`, `    protocol ${protocol}`, ...blocks, '}'].join('\n');
  };
  return [
    'global_defs {\n    nftables_ipvs\n}',
    'virtual_server_group A {\n    10.4.0.1-4 80\n    10.4.1.9 8080\n}',
    'virtual_server_group B {\n    fd00:4::1-2 80\n    10.4.4.4 80\n}',
    'virtual_server_group C {\n    10.4.5.1-2 80\n    fwmark 77\n}',
    use('A', 'TCP', 'NAT', ['10.1.0.1', '10.1.0.2']),
    use('A', 'UDP', 'DR', ['10.1.0.3']),
    use('B', 'TCP', 'TUN', ['fd00:1::1']),
    use('C', 'TCP', 'NAT', ['10.1.0.1']),
    '',
  ].join('\n');
}

async function raise(namespace: string): Promise<void> {
  await ip(undefined, [`netns add ${namespace}`]);
  await ip(namespace, ['link set lo up', 'link add eth0 type dummy', 'link set eth0 multicast on up', 'address add 10.3.0.1/24 dev eth0']);
}

const NAMES: Readonly<Record<DaemonName, string>> = { keepalived: 'theirs', holdfast: 'ours' };
const DAEMONS = ['keepalived', 'holdfast'] as const;

async function settingsOf(namespace: string): Promise<string> {
  const [timeouts, daemons] = await Promise.all([run(namespace, ['ipvsadm', '-L', '--timeout']), run(namespace, ['ipvsadm', '-L', '--daemon'])]);
  return `${timeouts.trim()}\n${daemons.trim()}`;
}

/** Waits until both say what is `wanted`, and the same. */
async function bothHave(what: string, wanted: (settings: string) => boolean): Promise<string> {
  let last: readonly string[] = [];
  const seen = await until(what, PATIENCE, async () => {
    last = await Promise.all(DAEMONS.map((daemon) => settingsOf(NAMES[daemon])));
    const [theirs, ours] = last;
    return theirs !== undefined && theirs === ours && wanted(theirs) ? theirs : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\nkeepalived:\n${last[0] ?? ''}\nholdfast:\n${last[1] ?? ''}\nlog of holdfast:\n${directors[1]?.program.text() ?? ''}`);
  });
  return seen;
}

function start(options: Options): readonly Director[] {
  return DAEMONS.map((daemon) => startDirector({ namespace: NAMES[daemon], daemon, configuration: { text: configuration(options) } }));
}

async function stop(): Promise<void> {
  await Promise.all(directors.map((director) => director.stop()));
}

await Promise.all(Object.values(NAMES).map(raise));
const untouched = await settingsOf('ours');
let directors: readonly Director[] = [];

await prove('timeouts are set, those not named stay, and the sync daemon of a master sends', async () => {
  directors = start({ timeouts: 'tcp 700 udp 70', daemon: 'eth0 VI_1 id 7' });
  const settings = await bothHave('a master', (text) => text.includes('master') && text.includes('700 120 70'));
  assert.match(settings, /syncid=7/);
});
await prove('a second stage of life: both are as they were after the stop', async () => {
  await stop();
  await bothHave('nothing left', (text) => !text.includes('daemon'));
  assert.equal(await settingsOf('ours'), untouched);
});
await prove("without an id it is the instance's, and options reach the kernel", async () => {
  directors = start({ daemon: 'eth0 VI_1 maxlen 1200 port 9000 ttl 3 group 224.0.0.99' });
  const settings = await bothHave('a master', (text) => text.includes('master'));
  assert.match(settings, /syncid=51/);
  assert.match(settings, /9000/);
  await stop();
});
await prove('without an instance it is one of each', async () => {
  directors = start({ daemon: 'eth0 id 9' });
  await bothHave('both ways', (text) => text.includes('master') && text.includes('backup'));
  await stop();
});
await prove('who becomes master later sends from then on, and sends only', async () => {
  await Promise.all(Object.values(NAMES).map((namespace) => ip(namespace, ['link set eth0 down'])));
  directors = start({ timeouts: 'tcp 700', daemon: 'eth0 VI_1 id 7' });
  await Promise.all(Object.values(NAMES).map((namespace) => ip(namespace, ['link set eth0 up'])));
  await bothHave('a master', (text) => text.includes('master') && !text.includes('backup'));
});
await prove('a daemon that somebody stopped, and timeouts that somebody changed, are back soon', async () => {
  await run('ours', ['ipvsadm', '--stop-daemon', 'master']);
  await until('the daemon is back', 10, async () => ((await settingsOf('ours')).includes('master') ? true : undefined));
  await run('ours', ['ipvsadm', '--set', '800', '0', '0']);
  await until('the timeouts are back', 10, async () => ((await settingsOf('ours')).includes('700') ? true : undefined));
  await directors[1]?.program.line(/was changed by somebody else/, PATIENCE);
});
await prove('a reload that names nothing takes everything back', async () => {
  directors[1]?.reload(configuration({}));
  await until('as it was', PATIENCE, async () => ((await settingsOf('ours')) === untouched ? true : undefined));
  await stop();
});
/** The tables of both once they are equal and as `wanted`. */
async function bothTables(what: string, wanted: (table: string) => boolean, namespaces: readonly string[] = Object.values(NAMES)): Promise<void> {
  let tables: readonly string[] = [];
  await until(what, PATIENCE, async () => {
    tables = await Promise.all(namespaces.map((namespace) => run(namespace, ['ipvsadm', '-Sn'])));
    return tables[0] === tables[1] && wanted(tables[0] ?? '') ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${tables.join('\n---\n')}`);
  });
}

async function leaveForeign(): Promise<void> {
  await Promise.all(Object.values(NAMES).map((namespace) => run(namespace, ['ipvsadm', '-R'], '-A -t 203.0.113.7:443 -s sh\n-a -t 203.0.113.7:443 -r 198.51.100.1:443 -g -w 5\n')));
}

await prove('lvs_flush removes what others left before the start, lvs_flush_on_stop what they have made since', async () => {
  await leaveForeign();
  directors = start({ global: ['lvs_flush', 'lvs_flush_on_stop'] });
  await bothTables('own services only', (table) => table.includes('10.2.0.1:80') && !table.includes('203.0.113.7'));
  await leaveForeign();
  await stop();
  await bothTables('nothing', (table) => table === '');
});
await prove('net_namespace_ipvs: the table is in that namespace, and gone from there after a stop', async () => {
  const places = await Promise.all(Object.values(NAMES).map(async (namespace) => {
    await raise(`${namespace}-ipvs`);
    return `${namespace}-ipvs`;
  }));
  directors = DAEMONS.map((daemon) => {
    const text = `net_namespace_ipvs ${NAMES[daemon]}-ipvs\n${configuration({})}`;
    return startDirector({ namespace: NAMES[daemon], daemon, configuration: { text } });
  });
  await bothTables('services in the other namespace', (table) => table.includes('10.2.0.1:80'), places);
  await bothTables('none in the own one', (table) => table === '');
  await stop();
  await bothTables('none anywhere', (table) => table === '', places);
});
await prove('nftables_ipvs: groups are the same marks, one for each protocol, of the families that they have', async () => {
  const texts = groups();
  directors = DAEMONS.map((daemon) => startDirector({ namespace: NAMES[daemon], daemon, configuration: { text: texts } }));
  let tables: readonly string[] = [];
  await until('equal tables', PATIENCE, async () => {
    tables = await Promise.all(directors.map((director) => director.table()));
    return tables[0] !== '' && tables[0] === tables[1] ? true : undefined;
  }).catch(() => undefined);
  assert.equal(tables[1], tables[0]);
  assert.match(tables[0] ?? '', /-A -f 1001 /);
  await stop();
});
endProofs();
