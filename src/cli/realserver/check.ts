/** What stands in the way of a host serving an address as a real server. Changes nothing. */

import { networkInterfaces } from 'node:os';

import { familyOf } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import { holds, isOpenForGue, isThere, isUp } from './change.js';
import type { Method } from './methods.js';
import { cidrOf, demandsOf, equipmentFor } from './methods.js';

export interface Problem {
  readonly message: string;
  readonly fix: string;
}

export function problemsOf(address: IpAddress, method: Method, port: number): readonly Problem[] {
  const { device, gue } = equipmentFor(method, address);
  const up = `holdfast realserver up${method === 'dr' ? '' : ` --method ${method}`}${gue ? ` --port ${port}` : ''} ${address}`;
  const cidr = cidrOf(address);
  const places = Object.entries(networkInterfaces()).filter(([, entries = []]) => entries.some((one) => one.address === address));
  const elsewhere = places.map(([name]) => name).filter((name) => name !== device);
  const wide = places.find(([name, entries = []]) => name === device && entries.some((one) => one.address === address && one.cidr !== cidr));
  return [
    ...(isThere(device) ? [] : [{ message: `there is no device ${device}`, fix: up }]),
    ...(device === 'lo' || !isThere(device) || isUp(device) ? [] : [{ message: `${device} is down`, fix: up }]),
    ...(holds(device, address) ? [] : [{ message: `${address} is not on ${device}: packets for it are not taken`, fix: up }]),
    ...(wide === undefined ? [] : [{ message: `${address} is on ${device} with the network around it: neighbours in that network are not reached`, fix: `ip address del ${wide[1]?.find((one) => one.address === address)?.cidr ?? ''} dev ${device}; ${up}` }]),
    ...elsewhere.map((name) => ({ message: `${address} is on ${name} as well: whoever asks there is answered, past the director`, fix: `ip address del ${address} dev ${name}` })),
    ...demandsOf(method, address).filter(({ isMet }) => !isMet()).map(({ path, value, why }) => ({ message: `${why} (${path})`, fix: `sysctl -w ${path}=${value}; or ${up}` })),
    ...(gue && !isOpenForGue(port, familyOf(address)) ? [{ message: `UDP port ${port} does not take GUE`, fix: up }] : []),
  ];
}
