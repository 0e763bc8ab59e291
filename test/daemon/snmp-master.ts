/** Debian's snmpd in a host's namespace, and its clients. */

import { join } from 'node:path';

import { until } from '../lab/process.js';
import type { Host } from './network.js';

/** No MIB files are read: everything is told in numbers. */
const NUMBERS = { MIBS: '', SNMP_PERSISTENT_DIR: '/tmp' };

export interface SnmpMaster {
  /** As snmp_socket has it. */
  readonly socket: string;
  /** Object by object: identifier without its leading dot, and `TYPE: value`. */
  readonly walk: (oid: string, ...options: readonly string[]) => ReadonlyMap<string, string>;
  /** What snmpset prints, or its complaint. */
  readonly set: (oid: string, type: string, value: string) => string;
  readonly stop: () => Promise<void>;
}

/** `socket` default: a path in the host's folder, which is for root alone as Debian's is. */
export async function startSnmpMaster(host: Host, socket = `unix:${join(host.folder, 'agentx', 'master')}`, lines: readonly string[] = []): Promise<SnmpMaster> {
  const configuration = host.write(
    'snmpd.conf',
    ['master agentx', `agentXSocket ${socket}`, 'agentAddress udp:127.0.0.1:161', 'rwcommunity public', `[snmp] persistentDir ${host.folder}`, ...lines, ''].join('\n'),
  );
  const program = host.start(['snmpd', '-f', '-Lo', '-C', '-c', configuration, '-p', join(host.folder, 'snmpd.pid')], NUMBERS);
  const client = (name: string, ...words: readonly string[]): string => host.run(name, '-v2c', '-c', 'public', '-m', '', '-On', '-t', '2', '-r', '5', '127.0.0.1', ...words);
  await until('snmpd answers', 20, () => Promise.resolve(attempt(() => client('snmpget', '1.3.6.1.2.1.1.3.0')) !== undefined || undefined));
  return {
    socket,
    walk: (oid, ...options) => objects(client('snmpwalk', ...options, oid)),
    set: (oid, type, value) => {
      try {
        return client('snmpset', oid, type, value);
      } catch (error) {
        return String(error);
      }
    },
    stop: async () => {
      program.signal('SIGTERM');
      await program.exited;
    },
  };
}

function objects(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^\.([\d.]+) = (.*(?:\n(?!\.\d).*)*)$/gm)].map(([, oid = '', value = '']) => [oid, value.trim()]));
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
