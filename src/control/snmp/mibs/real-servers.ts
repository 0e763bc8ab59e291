/** realServerTable of KEEPALIVED-MIB: the sorry server first, then the real servers, backup servers last. */

import { familyOf } from '../../../base/address.js';
import type { IpAddress } from '../../../base/address.js';
import { micros, seconds } from '../../../base/time.js';
import type { SorryServerConfig } from '../../../health/config.js';
import type { RealServerDescription } from '../../../health/describe.js';
import type { CheckSchedule, ShownRealServer } from '../configuration.js';
import { gauge, inetAddress, integer, yesNo } from '../values.js';
import type { SnmpValue } from '../values.js';
import { table } from '../view.js';
import type { Cells, Column, Row } from '../view.js';
import type { SnmpWorld } from '../world.js';
import { KEEPALIVED_CHECK } from './identifiers.js';
import { trafficCells } from './traffic.js';
import { METHODS, scheduleCells, tunnelCells, virtualServerRows } from './virtual-servers.js';
import { ADDRESS_TYPES, optionalText, script } from './vrrp-instances.js';

const TYPES = { regular: 1, sorry: 2 } as const;

export interface RealServerRow {
  /** As the status names it. */
  readonly virtualServer: string;
  readonly server: { readonly type: 'sorry'; readonly config: SorryServerConfig } | { readonly type: 'regular'; readonly config: ShownRealServer };
  readonly live?: RealServerDescription;
}

export function realServerRows(world: SnmpWorld): readonly Row<RealServerRow>[] {
  return virtualServerRows(world).flatMap(({ index, of: { config, live } }) => {
    const shown = new Map((live?.realServers ?? []).map((each) => [key(each), each]));
    const { sorryServer, realServers, name } = config;
    const servers: readonly RealServerRow['server'][] = [
      ...(sorryServer === undefined ? [] : [{ type: 'sorry', config: sorryServer } as const]),
      ...realServers.map((server) => ({ type: 'regular', config: server }) as const),
    ];
    return servers.map((server, i) => {
      const its = server.type === 'regular' ? shown.get(key(server.config)) : undefined;
      return { index: [...index, i + 1], of: { virtualServer: name, server, ...(its === undefined ? {} : { live: its }) } };
    });
  });
}

function key({ address, port }: { readonly address: IpAddress; readonly port: number }): string {
  return `${address} ${port}`;
}

export function realServerColumns(): readonly Column<SnmpWorld>[] {
  const traffic = { connections: 14, amounts: 18, rates: 22, wideAmounts: 27, wideRates: 30 };
  return table([...KEEPALIVED_CHECK, 4, 1], realServerRows, {
    ...serverCells(),
    ...regularCells(),
    ...trafficCells<RealServerRow>(traffic, ({ live }) => live?.traffic),
    ...connectionCells(),
    ...tunnelCells<RealServerRow>(52, ({ server }) => server.config),
  });
}

function serverCells(): Cells<RealServerRow> {
  const schedule = { delayLoop: 46, retry: 43, delayBeforeRetry: 44, warmup: 45, delayLoopMicros: 50, delayBeforeRetryMicros: 48, warmupMicros: 49, connectTimeoutMicros: 51 };
  return {
    2: ({ server }) => integer(TYPES[server.type]),
    3: ({ server }) => integer(ADDRESS_TYPES[familyOf(server.config.address)]),
    4: ({ server }) => inetAddress(server.config.address),
    5: ({ server }) => gauge(server.config.port),
    40: ({ server }) => integer(METHODS[server.config.method]),
    42: ({ server }) => yesNo(server.type === 'regular' && server.config.schedule?.alpha === true),
    ...scheduleCells<RealServerRow>(schedule, scheduleOf),
    47: ({ server }) => yesNo(server.type === 'regular' && server.config.smtpAlert !== false),
  };
}

/** A sorry server is never checked. */
const NEVER: CheckSchedule = { delayLoop: micros(0), retry: 0, delayBeforeRetry: micros(0), warmup: seconds(0), alpha: false, connectTimeout: micros(0) };

function scheduleOf({ server }: RealServerRow): CheckSchedule | undefined {
  return server.type === 'sorry' ? NEVER : server.config.schedule;
}

/** What a sorry server has not. */
function regularCells(): Cells<RealServerRow> {
  const regular = (read: (config: ShownRealServer, live: RealServerDescription | undefined) => SnmpValue | undefined) =>
    ({ server, live }: RealServerRow) => (server.type === 'regular' ? read(server.config, live) : undefined);
  return {
    6: regular((_config, live) => integer(live?.alive === true ? 1 : 2)),
    7: regular((config, live) => integer(live?.weight ?? config.weight)),
    8: regular(({ upperThreshold }) => (upperThreshold === 0 ? undefined : gauge(upperThreshold))),
    9: regular(({ lowerThreshold }) => (lowerThreshold === 0 ? undefined : gauge(lowerThreshold))),
    10: regular(({ inhibitOnFailure }) => integer(inhibitOnFailure ? 2 : 1)),
    11: regular(({ notifyUp }) => script(notifyUp)),
    12: regular(({ notifyDown }) => script(notifyDown)),
    13: regular((_config, live) => gauge([...(live?.checkers ?? []), ...(live?.followers ?? [])].filter(({ up }) => !up).length)),
    55: regular(({ snmpName }) => optionalText(snmpName)),
  };
}

function connectionCells(): Cells<RealServerRow> {
  return {
    15: ({ live }) => gauge(live?.connections?.active ?? 0),
    16: ({ live }) => gauge(live?.connections?.inactive ?? 0),
    17: ({ live }) => gauge(live?.connections?.persistent ?? 0),
  };
}
