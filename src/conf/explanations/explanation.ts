/** What is said about one kind of finding, and the texts that examples are made of. */

import type { FindingKind } from '../catalog.js';
import type { HostFacts } from '../host.js';

export interface Explanation {
  /** A few words: what is wrong. */
  readonly title: string;
  /** What it means for the director. */
  readonly meaning: string;
  /** What keepalived does with the same text. */
  readonly keepalived: string;
  readonly remedy: string;
  /** A configuration that provokes this finding and no other. */
  readonly example: string | Example;
}

export interface Example {
  /** The configuration; undefined: there is no such file. */
  readonly text: string | undefined;
  /** What people are shown in place of a text that is too long or cannot be printed. */
  readonly shown?: string;
  /** Files beside it, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** The configuration of the other director, for findings of --pair. */
  readonly peer?: string;
  /** MTU of the interfaces, where the finding depends on it. */
  readonly mtu?: number;
  /** The machine, where the finding depends on its files or accounts. */
  readonly host?: HostFacts;
  /** Findings that cannot be had apart from this one. */
  readonly also?: readonly FindingKind[];
}

/** A vrrp_instance on eth0 with one address, and the lines under test in it. */
export function instance(...lines: readonly string[]): string {
  return [
    'vrrp_instance VI_1 {',
    '    interface eth0',
    '    virtual_router_id 51',
    ...lines.map((line) => `    ${line}`),
    '    virtual_ipaddress {',
    '        192.0.2.100/24',
    '    }',
    '}',
    '',
  ].join('\n');
}

/** An HTTP service with one checked server, and the lines under test in it. */
export function service(...lines: readonly string[]): string {
  return serviceOf([...SERVICE, ...lines, ...SERVER]);
}

/** The same with the lines under test inside its server. */
export function server(...lines: readonly string[]): string {
  return serviceOf([...SERVICE, SERVER[0], ...lines.map((line) => `    ${line}`), ...SERVER.slice(1)]);
}

const SERVICE = ['lb_algo rr', 'lb_kind NAT', 'protocol TCP'];
const SERVER = ['real_server 192.0.2.11 80 {', '    TCP_CHECK {', '        connect_timeout 3', '    }', '}'] as const;

function serviceOf(lines: readonly string[]): string {
  return ['virtual_server 192.0.2.100 80 {', ...lines.map((line) => `    ${line}`), '}', ''].join('\n');
}
