/** What `holdfast top` shows and what its keys do: values only. Drawing is view.ts, the terminal terminal.ts. */

import type { ServerCommand } from '../../control/commands.js';
import { shortName } from '../../control/server-names.js';
import type { RealServerStatus, Status, VirtualServerStatus } from '../../control/status.js';

export const ORDERS = ['name', 'state', 'active', 'rate', 'weight'] as const;
export type Order = (typeof ORDERS)[number];

/** A real server in its virtual server. */
export interface Place {
  readonly virtualServer: string;
  readonly server: string;
}

/** A command that waits for a yes. */
export type Asked = Place & Pick<ServerCommand, 'action' | 'weight'>;

export type Mode =
  | { readonly type: 'browse' }
  | { readonly type: 'help' }
  /** The text as it is typed. */
  | { readonly type: 'filter' | 'weight'; readonly text: string }
  | { readonly type: 'confirm'; readonly asked: Asked };

export interface TopState {
  readonly status: Status;
  readonly order: Order;
  /** Servers and virtual servers whose name contains it. */
  readonly filter: string;
  readonly selected?: Place;
  readonly mode: Mode;
  /** What came of the last command, or why the daemon cannot be asked. */
  readonly message: string;
}

export type Effect = { readonly type: 'quit' } | { readonly type: 'command'; readonly asked: Asked };

/** A virtual server with the servers that are shown. */
export interface Block {
  readonly virtualServer: VirtualServerStatus;
  readonly servers: readonly RealServerStatus[];
}

export function initialTop(status: Status): TopState {
  return { status, order: 'name', filter: '', mode: { type: 'browse' }, message: '' };
}

/** Filtered and in order; virtual servers without a server to show are left out while something is looked for. */
export function blocksOf({ status, filter, order }: Pick<TopState, 'status' | 'filter' | 'order'>): readonly Block[] {
  return (status.lvs?.virtualServers ?? []).flatMap((virtualServer) => {
    const whole = shortName(virtualServer.name).includes(filter);
    const servers = virtualServer.realServers.filter(({ name }) => whole || shortName(name).includes(filter));
    return filter !== '' && !whole && servers.length === 0 ? [] : [{ virtualServer, servers: sorted(servers, order) }];
  });
}

const DOWN_FIRST: Readonly<Record<RealServerStatus['state'], number>> = { down: 0, disabled: 1, unchecked: 2, up: 3 };

/** Of equals, those that the file names first. */
function sorted(servers: readonly RealServerStatus[], order: Order): readonly RealServerStatus[] {
  const by = (key: (server: RealServerStatus) => number): readonly RealServerStatus[] => [...servers].sort((a, b) => key(a) - key(b));
  switch (order) {
    case 'name':
      return servers;
    case 'state':
      return by(({ state }) => DOWN_FIRST[state]);
    case 'active':
      return by(({ connections }) => -(connections?.active ?? -1));
    case 'rate':
      return by(({ traffic }) => -(traffic?.perSecond.connections ?? -1));
    case 'weight':
      return by(({ weight }) => -weight.effective);
  }
}

export function placesOf(blocks: readonly Block[]): readonly Place[] {
  return blocks.flatMap(({ virtualServer, servers }) => servers.map(({ name }) => ({ virtualServer: virtualServer.name, server: name })));
}

export function isAt(a: Place | undefined, b: Place | undefined): boolean {
  return a !== undefined && b !== undefined && a.server === b.server && a.virtualServer === b.virtualServer;
}

/** The one that the keys are for: the selected one as long as it is shown, else the first. */
export function current(state: TopState): Place | undefined {
  const places = placesOf(blocksOf(state));
  return places.find((place) => isAt(place, state.selected)) ?? places[0];
}
