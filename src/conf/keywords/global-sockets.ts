/** Keywords of global_defs about the receive buffers of sockets. */

import type { Statement } from '../cst.js';
import type { Findings } from '../findings.js';
import { readInteger } from './arguments.js';
import { argument, bool, custom, integer, UINT32 } from './kinds.js';
import { all } from './schema.js';

const BYTES = { min: 0, max: UINT32 } as const;

/** One line of vrrp_rx_bufs_policy: sizes in bytes, or words that say what is counted. */
export type ReceiveBufferPolicy = 'MTU' | 'ADVERT' | { readonly bytes: number };

/** MTU wins over ADVERT; a size stands alone. */
function readPolicy(statement: Statement, findings: Findings): ReceiveBufferPolicy | undefined {
  const first = argument(statement, findings, 'ignored');
  if (first === undefined) return undefined;
  const words = statement.words.slice(1);
  const names = words.map(({ text }) => text.toUpperCase());
  if (names.every((name) => name === 'MTU' || name === 'ADVERT')) {
    const policy = names.includes('MTU') ? 'MTU' : 'ADVERT';
    if (policy === 'MTU' && names.includes('ADVERT')) {
      findings.report('contradiction', first, 'vrrp_rx_bufs_policy: either MTU or ADVERT; MTU is used', 'keep one of them');
    }
    return policy;
  }
  const bytes = readInteger(first, 'vrrp_rx_bufs_policy', BYTES, findings, 'exact');
  return bytes === undefined ? undefined : { bytes };
}

const DEFAULT_SIZE = '4194304, whatever the limit of the system';

const size = (of: string, fallback = DEFAULT_SIZE): ReturnType<typeof integer> =>
  integer({ doc: `Receive buffer of ${of}.`, default: fallback, unit: 'bytes', ...BYTES }, 'exact', 'ignored');

const force = (of: string): ReturnType<typeof bool> =>
  bool({ doc: `The size given for the receive buffer of ${of} may exceed the limit of the system.`, default: 'off' });

export const socketDefinitions = {
  vrrp_netlink_cmd_rcv_bufs: size('the VRRP process for answers of the kernel'),
  vrrp_netlink_cmd_rcv_bufs_force: force('the VRRP process for answers of the kernel'),
  vrrp_netlink_monitor_rcv_bufs: size('the VRRP process for events of the kernel'),
  vrrp_netlink_monitor_rcv_bufs_force: force('the VRRP process for events of the kernel'),
  process_monitor_rcv_bufs: size('events of processes', '1048576, whatever the limit of the system; twice as much after each loss'),
  process_monitor_rcv_bufs_force: force('events of processes'),
  lvs_netlink_cmd_rcv_bufs: size('the checker process for answers of the kernel'),
  lvs_netlink_cmd_rcv_bufs_force: force('the checker process for answers of the kernel'),
  lvs_netlink_monitor_rcv_bufs: size('the checker process for events of the kernel, which it hears where ha_suspend is used'),
  lvs_netlink_monitor_rcv_bufs_force: force('the checker process for events of the kernel'),
  vrrp_rx_bufs_policy: all(
    custom({
      doc: 'How large the receive buffers of adverts are: bytes, or room for frames of the MTU or for adverts.',
      default: 'as the kernel has it',
      syntax: 'MTU / ADVERT / BYTES',
      example: 'vrrp_rx_bufs_policy ADVERT',
      read: (statement, { findings }) => readPolicy(statement, findings),
    }),
  ),
  vrrp_rx_bufs_multiplier: integer(
    { doc: 'How many frames or adverts of each instance vrrp_rx_bufs_policy makes room for.', default: '3', min: 1, max: UINT32 },
    'exact',
    'ignored',
  ),
} as const;
