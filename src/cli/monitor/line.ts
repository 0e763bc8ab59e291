/** A judgement as the one line that monitoring systems read: status, text, and figures behind a bar. */

import type { Status, VirtualServerStatus } from '../../control/status.js';
import { instancesOf, poolsOf, serversOf } from './judge.js';
import type { Problem, SEVERITIES, Wishes } from './judge.js';

/** Problems that are named. */
const MOST_PROBLEMS = 5;

/** `figures` as the Monitoring Plugins guidelines write performance data. */
export function pluginLine(severity: (typeof SEVERITIES)[number], text: string, figures: string): string {
  // The bar begins the figures, and a second line is another thing.
  const plain = text.replace(/\|/g, '/').replace(/\s+/g, ' ');
  return `HOLDFAST ${severity.toUpperCase()} - ${plain}${figures === '' ? '' : ` | ${figures}`}\n`;
}

/** What is wrong; without problems what is there. */
export function judgementText(problems: readonly Problem[], status: Status, wishes: Wishes): string {
  return problems.length === 0 ? allWell(status, wishes) : problemsText(problems);
}

function problemsText(problems: readonly Problem[]): string {
  const rest = problems.length - MOST_PROBLEMS;
  return `${problems.slice(0, MOST_PROBLEMS).map(({ text }) => text).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`;
}

function allWell(status: Status, wishes: Wishes): string {
  const roles = instancesOf(status, wishes).map(({ name, state }) => `${name} ${state}`);
  const pools = poolsOf(status, wishes);
  const { total, down } = countServers(pools);
  const served = `${pools.length} virtual ${pools.length === 1 ? 'server' : 'servers'}, ${total - down} of ${total} real servers up`;
  const shown = roles.slice(0, MOST_PROBLEMS);
  const instances = [...shown, ...(roles.length > shown.length ? [`and ${roles.length - shown.length} more instances`] : [])];
  return [...instances, ...(pools.length === 0 ? [] : [served])].join(', ') || 'it runs, with nothing to do';
}

/** `label=value[unit];warning;critical;minimum;maximum`: thresholds are not told, since they are shares. */
export function figuresText(status: Status, wishes: Wishes): string {
  const instances = instancesOf(status, wishes);
  const pools = poolsOf(status, wishes);
  const { total, down } = countServers(pools);
  const count = (label: string, value: number, most: number): string => `${label}=${value};;;0;${most}`;
  const connections = pools.reduce((sum, pool) => sum + (pool.connections?.active ?? 0), 0);
  return [
    ...(instances.length === 0
      ? []
      : [count('masters', instances.filter(({ state }) => state === 'MASTER').length, instances.length), count('faults', instances.filter(({ state }) => state === 'FAULT').length, instances.length)]),
    ...(pools.length === 0
      ? []
      : [
          count('virtual_servers_down', pools.filter(({ state }) => state === 'down').length, pools.length),
          count('real_servers_down', down, total),
          `connections=${connections};;;0`,
          `ipvs_repairs=${status.lvs?.kernel.repairs ?? 0}c`,
        ]),
  ].join(' ');
}

/** Of all of them together, as serversOf counts. */
function countServers(pools: readonly VirtualServerStatus[]): { readonly total: number; readonly down: number } {
  const servers = pools.map(serversOf);
  return { total: servers.reduce((sum, each) => sum + each.total, 0), down: servers.reduce((sum, each) => sum + each.down.length, 0) };
}
