/** Debian's snmpd in a host's namespace, and its clients. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { until } from '../lab/process.js';
import type { Host } from './network.js';

/** No MIB files are read: everything is told in numbers. */
const NUMBERS = { MIBS: '', SNMP_PERSISTENT_DIR: '/tmp' };

export interface SnmpMaster {
  /** As snmp_socket has it. */
  readonly socket: string;
  /** Object by object: identifier without its leading dot, and `TYPE: value`. */
  readonly walk: (oid: string, ...options: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** What snmpset prints, or its complaint. */
  readonly set: (oid: string, type: string, value: string) => Promise<string>;
  /** What snmptrapd has heard, each as its objects without times. */
  readonly traps: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/** `socket` default: a path in the host's folder, which is for root alone as Debian's is. */
export async function startSnmpMaster(host: Host, socket = `unix:${join(host.folder, 'agentx', 'master')}`, lines: readonly string[] = []): Promise<SnmpMaster> {
  const configuration = host.write(
    'snmpd.conf',
    ['master agentx', `agentXSocket ${socket}`, 'agentAddress udp:127.0.0.1:161', 'rwcommunity public', 'trap2sink 127.0.0.1:162 public', `[snmp] persistentDir ${host.folder}`, 'agentXTimeout 20', ...lines, ''].join('\n'),
  );
  const program = host.start(['snmpd', '-f', '-Lo', '-C', '-c', configuration, '-p', join(host.folder, 'snmpd.pid')], NUMBERS);
  const listener = host.start(['snmptrapd', '-f', '-Lo', '-C', '--disableAuthorization=yes', '-On', '-m', '', 'udp:127.0.0.1:162'], NUMBERS);
  // Never waited for with this process standing still: a daemon whose output nobody reads stands still too.
  const client = async (name: string, ...words: readonly string[]): Promise<string> =>
    (await promisify(execFile)('ip', ['netns', 'exec', host.namespace, name, '-v2c', '-c', 'public', '-m', '', '-On', '-t', '10', '-r', '2', '127.0.0.1', ...words], { maxBuffer: 1e8 })).stdout;
  // Traps that come before it listens are lost.
  await listener.line(/NET-SNMP version/, 20);
  await until('snmpd answers', 20, () => client('snmpget', '1.3.6.1.2.1.1.3.0').then(() => true as const, () => undefined));
  return {
    socket,
    walk: async (oid, ...options) => objects(await client('snmpwalk', ...options, oid)),
    set: (oid, type, value) => client('snmpset', oid, type, value).catch(String),
    traps: () => listener.text().split('\n').flatMap((line) => /^\.1\.3\.6\.1\.2\.1\.1\.3\.0 = Timeticks: \S+ \S+\s+(.*?)\s*$/.exec(line)?.[1] ?? []),
    stop: async () => {
      for (const each of [program, listener]) {
        each.signal('SIGTERM');
        await each.exited;
      }
    },
  };
}

function objects(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^\.([\d.]+) = (.*(?:\n(?!\.\d).*)*)$/gm)].map(([, oid = '', value = '']) => [oid, value.trim()]));
}
