/** The screen of `holdfast top` as lines of text: as many as the terminal has, none wider than it. */

import { shortName } from '../../control/server-names.js';
import type { RealServerStatus, TrafficStatus, VirtualServerStatus } from '../../control/status.js';
import { lastServerWarnings } from '../last-server.js';
import { blocksOf, current, isAt } from './state.js';
import type { Asked, Place, TopState } from './state.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** How a line is to be seen where colours may be. */
export type Look = 'plain' | 'title' | 'heading' | 'group' | 'selected' | 'bad' | 'resting' | 'prompt';

export interface Line {
  readonly text: string;
  readonly look: Look;
}

export const HEAD = 4;
const FOOT = 2;
/** Lines beside those of the table. */
export const FRAME = HEAD + FOOT;
/** All but the name, with a space before each. */
const WIDTHS = { state: 9, weight: 6, number: 6 } as const;
const REST = 1 + WIDTHS.state + 1 + WIDTHS.weight + 5 * (1 + WIDTHS.number);
const NAME_WIDTH = { least: 12, most: 46 } as const;

const KEYS = 'q quit  s sort  / filter  d drain  x disable  e enable  w weight  ? help';

const HELP: readonly string[] = [
  'arrows, j, k       move; Page Up, Page Down, Home, End too',
  's                  sort by name, state, active connections, rate, weight',
  '/                  show only what contains a text; Escape shows all again',
  'd                  drain: no new connections, those that there are go on',
  'x                  disable: out of the tables at once, and not checked',
  'w                  another weight than the configured one',
  'e                  enable: takes back what was said by hand',
  'q, Ctrl-C          leave',
  '',
  'Every change is asked about before it is made, holds beside the file and',
  'is shown with an asterisk; holdfast rs does the same for a time (--for).',
  '',
  'ACT and INACT are connections as IPVS counts them; CONN/s, IN/s and OUT/s',
  'new connections and bytes in a second. Any key goes back.',
];

export function screenOf(state: TopState, { columns, rows }: Size, now: Date): readonly Line[] {
  const body = state.mode.type === 'help' ? HELP.map((text): Line => ({ text: `  ${text}`, look: 'plain' })) : tableLines(state, columns);
  const room = Math.max(rows - HEAD - FOOT, 1);
  const selected = body.findIndex(({ text }) => text.startsWith('>'));
  // The selected line is kept in sight, in the middle when there is more than fits.
  const from = Math.min(Math.max(selected - Math.floor(room / 2), 0), Math.max(body.length - room, 0));
  const shown = body.slice(from, from + room);
  const blank = Array.from({ length: room - shown.length }, (): Line => ({ text: '', look: 'plain' }));
  const lines = [...headLines(state, columns, now), ...shown, ...blank, ...footLines(state, body.length > room ? `${from + 1}-${from + shown.length} of ${body.length}` : '')];
  return lines.slice(0, rows).map(({ text, look }) => ({ text: text.slice(0, columns), look }));
}

function headLines(state: TopState, columns: number, now: Date): readonly Line[] {
  const { daemon, vrrp, lvs } = state.status;
  const roles = (vrrp?.instances ?? []).map(({ name, state: role }) => `${name} ${role}`).join(', ');
  const servers = (lvs?.virtualServers ?? []).flatMap(({ realServers }) => realServers);
  const up = servers.filter(({ state: one }) => one === 'up' || one === 'unchecked').length;
  const sum = (of: (server: RealServerStatus) => number | undefined): number => servers.reduce((total, server) => total + (of(server) ?? 0), 0);
  const rate = sum(({ traffic }) => traffic?.perSecond.connections);
  const active = sum(({ connections }) => connections?.active);
  const time = now.toTimeString().slice(0, 8);
  return [
    { text: spread(`holdfast ${daemon?.version ?? ''}  ${roles === '' ? 'no VRRP' : roles}`, time, columns), look: 'title' },
    { text: `${servers.length} servers, ${up} up; ${number(active)} active connections, ${number(rate)} new/s`, look: up < servers.length ? 'bad' : 'plain' },
    { text: `sorted by ${state.order}${state.filter === '' ? '' : `, only what contains "${state.filter}"`}`, look: 'plain' },
    { text: row('  SERVER', 'STATE', 'WEIGHT', ['ACT', 'INACT', 'CONN/s', 'IN/s', 'OUT/s'], columns), look: 'heading' },
  ];
}

function spread(left: string, right: string, columns: number): string {
  const room = columns - right.length - 1;
  return `${left.slice(0, room).padEnd(room)} ${right}`;
}

function tableLines(state: TopState, columns: number): readonly Line[] {
  const here = current(state);
  return blocksOf(state).flatMap(({ virtualServer, servers }) => [
    { text: groupRow(virtualServer, columns), look: 'group' as const },
    ...servers.map((server) => serverLine(server, isAt(here, { virtualServer: virtualServer.name, server: server.name }), columns)),
  ]);
}

function groupRow(server: VirtualServerStatus, columns: number): string {
  const { name, state, connections, traffic, sorryServer, activeTier } = server;
  const standIn = sorryServer?.active === true ? 'SORRY' : activeTier === undefined ? state : `tier ${activeTier}`;
  return row(shortName(name), standIn, '', counts(connections, traffic), columns);
}

function serverLine(server: RealServerStatus, selected: boolean, columns: number): Line {
  const { name, state, byHand, weight, connections, traffic, tier } = server;
  const mark = selected ? '> ' : '  ';
  const title = `${mark}${shortName(name)}${tier === undefined ? '' : ` (tier ${tier})`}`;
  const text = row(title, `${byHand === 'drain' ? 'draining' : state}${byHand === undefined ? '' : '*'}`, number(weight.effective), counts(connections, traffic), columns);
  return { text, look: selected ? 'selected' : state === 'down' ? 'bad' : byHand === undefined ? 'plain' : 'resting' };
}

function counts(connections: RealServerStatus['connections'], traffic: TrafficStatus | undefined): readonly string[] {
  const rates = traffic?.perSecond;
  return [connections?.active, connections?.inactive, rates?.connections, rates?.bytesIn, rates?.bytesOut].map((value) => (value === undefined ? '-' : number(value)));
}

function row(name: string, state: string, weight: string, numbers: readonly string[], columns: number): string {
  const width = Math.min(Math.max(columns - REST, NAME_WIDTH.least), NAME_WIDTH.most);
  const cut = name.length > width ? `${name.slice(0, width - 1)}~` : name.padEnd(width);
  return `${cut} ${state.padEnd(WIDTHS.state)} ${weight.padStart(WIDTHS.weight)}${numbers.map((text) => ` ${text.padStart(WIDTHS.number)}`).join('')}`;
}

const UNITS: readonly (readonly [number, string])[] = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

/** At most six characters: `12345`, `123.4k`, `12.3M`. */
export function number(value: number): string {
  if (value < 100_000) return String(Math.round(value));
  const [size, unit] = UNITS.find(([least]) => value >= least) ?? [1, ''];
  return `${(value / size).toFixed(1)}${unit}`;
}

function footLines(state: TopState, position: string): readonly Line[] {
  const { mode } = state;
  const keys: Line = { text: `${KEYS}${position === '' ? '' : `  ${position}`}`, look: 'plain' };
  switch (mode.type) {
    case 'filter':
      return [{ text: `filter: ${mode.text}_`, look: 'prompt' }, { text: 'Enter keeps it, Escape shows all again', look: 'plain' }];
    case 'weight':
      return [{ text: `weight of ${placeText(current(state))}: ${mode.text}_`, look: 'prompt' }, { text: 'Enter goes on, Escape leaves it as it is', look: 'plain' }];
    case 'confirm':
      return [{ text: `${askedText(mode.asked)}? (y/n)`, look: 'prompt' }, confirmLine(mode.asked, state)];
    case 'browse':
    case 'help':
      return [{ text: state.message, look: 'prompt' }, keys];
  }
}

/** What the keys do, unless there is something to think about first. */
function confirmLine(asked: Asked, { status }: TopState): Line {
  const [warning] = lastServerWarnings(asked, status);
  return warning === undefined ? { text: 'y does it, every other key does not', look: 'plain' } : { text: warning, look: 'bad' };
}

export function askedText({ action, weight, ...place }: Asked): string {
  return `${action}${weight === undefined ? '' : ` ${weight}`} ${placeText(place)}`;
}

function placeText(place: Place | undefined): string {
  return place === undefined ? 'nothing' : `${shortName(place.server)} in ${shortName(place.virtualServer)}`;
}
