/** Changes of the kernel's tables as commands that an operator could type: ipvsadm(8) and ip(8). For reading; nothing runs them. */

import type { Op } from '../../ipvs/plan.js';
import { SERVICE_FLAGS } from '../../ipvs/tables.js';
import type { Destination, Service, ServiceIdentity } from '../../ipvs/tables.js';
import { addressText, routeText, ruleText } from '../../runtime/network-text.js';
import type { Belonging } from '../../vrrp/instance/belongings.js';

const OPTIONS: Readonly<Record<Op['type'], string>> = {
  addService: '-A',
  editService: '-E',
  deleteService: '-D',
  addDestination: '-a',
  editDestination: '-e',
  deleteDestination: '-d',
};

const PROTOCOLS = { tcp: '-t', udp: '-u', sctp: '--sctp-service' } as const;
const METHODS = { direct: '-g', tunnel: '-i', nat: '-m' } as const;

export function ipvsCommand(op: Op): string {
  const parts = ['ipvsadm', OPTIONS[op.type], identityText(op.service.identity)];
  if (op.type === 'addService' || op.type === 'editService') parts.push(...serviceOptions(op.service));
  if ('destination' in op) {
    parts.push('-r', endpoint(op.destination.address, op.destination.port));
    if (op.type !== 'deleteDestination') parts.push(...destinationOptions(op.destination));
  }
  return parts.join(' ');
}

function identityText(identity: ServiceIdentity): string {
  if (identity.kind === 'fwmark') return `-f ${identity.fwmark}${identity.family === 'ipv6' ? ' -6' : ''}`;
  return `${PROTOCOLS[identity.protocol]} ${endpoint(identity.address, identity.port)}`;
}

function serviceOptions({ scheduler, flags, persistenceTimeout, persistenceGranularity, persistenceEngine }: Service): readonly string[] {
  const bits = ([['flag-1', SERVICE_FLAGS.scheduler1], ['flag-2', SERVICE_FLAGS.scheduler2], ['flag-3', SERVICE_FLAGS.scheduler3]] as const).filter(([, bit]) => (flags & bit) !== 0);
  const whole = ['255.255.255.255', '128'].includes(persistenceGranularity);
  return [
    `-s ${scheduler}`,
    ...(persistenceTimeout > 0 ? [`-p ${persistenceTimeout}`, ...(whole ? [] : [`-M ${persistenceGranularity}`])] : []),
    ...(persistenceEngine === undefined ? [] : [`--pe ${persistenceEngine}`]),
    ...((flags & SERVICE_FLAGS.onePacket) === 0 ? [] : ['-o']),
    ...(bits.length === 0 ? [] : [`-b ${bits.map(([name]) => name).join(',')}`]),
  ];
}

function destinationOptions({ method, tunnel, weight, upperThreshold, lowerThreshold }: Destination): readonly string[] {
  const checksum = tunnel === undefined || tunnel.checksum === 'none' ? '' : tunnel.checksum === 'remote' ? ' --tun-remcsum' : ' --tun-csum';
  return [
    METHODS[method],
    ...(tunnel === undefined || tunnel.type === 'ipip' ? [] : [`--tun-type ${tunnel.type}${tunnel.port === 0 ? '' : ` --tun-port ${tunnel.port}`}${checksum}`]),
    `-w ${weight}`,
    ...(upperThreshold === 0 ? [] : [`-x ${upperThreshold}`]),
    ...(lowerThreshold === 0 ? [] : [`-y ${lowerThreshold}`]),
  ];
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function belongingCommand(belonging: Belonging, change: 'add' | 'remove'): string {
  const verb = change === 'add' ? 'add' : 'del';
  const family = 'family' in belonging && belonging.family === 'ipv6' ? '-6 ' : '';
  if ('address' in belonging) {
    const { address, prefixLength, interface: device } = belonging;
    return change === 'add' ? `ip address add ${withPrefix(address, prefixLength, addressText(belonging))}` : `ip address del ${address}/${prefixLength} dev ${device}`;
  }
  if (!('destination' in belonging)) return `ip ${family}rule ${verb} ${ruleText(belonging).replace(/ no_track$/, '')}`;
  const text = routeText(belonging).replace(/ no_track$/, '');
  return `ip ${family}route ${change === 'add' ? text : text.replace(/^\w+/, 'del')}`;
}

/** addressText leaves out the prefix length of a single address. */
function withPrefix(address: string, prefixLength: number, text: string): string {
  return text.replace(/^\S+/, `${address}/${prefixLength}`);
}
