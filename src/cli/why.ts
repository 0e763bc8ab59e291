/** `holdfast why TARGET`: the state of one thing, the reasons for it and what happened to it of late. */

import { Command } from 'commander';

import { isCalled } from '../control/server-names.js';
import type { ControlEvent, RealServerStatus, Status } from '../control/status.js';
import { NO_ANSWER, SOCKET_HELP, ask, socketOption, withAnswers } from './control-client.js';
import type { SocketOption } from './control-client.js';
import { eventLine } from './events.js';
import { checkLines, instanceLines, virtualServerLines } from '../control/screen.js';

/** Events that are shown of a target. */
const MOST_EVENTS = 10;

export function createWhyCommand(): Command {
  return new Command()
    .description('Says why an instance, a virtual address or a server is in the state it is in, and what happened to it of late.')
    .argument('<target>', 'name of a vrrp_instance or sync group, a virtual address, or a server such as 192.0.2.11 or 192.0.2.11:80')
    .addOption(socketOption())
    .addHelpText('after', SOCKET_HELP)
    .action((target: string, { socket }: SocketOption) =>
      withAnswers(async () => {
        const status = await ask<Status>(socket, '/v1/status');
        const events = await ask<readonly ControlEvent[]>(socket, '/v1/events?follow=no');
        const text = explainTarget(target, status, events, Date.now());
        if (text !== undefined) process.stdout.write(text);
        else {
          process.stderr.write(`The daemon knows nothing called ${target}. holdfast status shows what there is.\n`);
          process.exitCode = NO_ANSWER;
        }
      }),
    );
}

/** Undefined when nothing is called so. `now`: milliseconds since 1970. */
export function explainTarget(target: string, { vrrp, lvs }: Status, events: readonly ControlEvent[], now: number): string | undefined {
  const instances = (vrrp?.instances ?? []).filter(
    ({ name, group, addresses }) => name === target || group === target || addresses.some(({ address }) => address === target),
  );
  const pools = (lvs?.virtualServers ?? []).flatMap((pool) => {
    if (isCalled(pool.name, target)) return [pool];
    const realServers = pool.realServers.filter(({ name }) => isCalled(name, target));
    return realServers.length === 0 ? [] : [{ ...pool, realServers }];
  });
  const lines = [
    ...instances.flatMap((instance) => instanceLines(instance, now)),
    ...pools.flatMap((pool) => virtualServerLines(pool, now)),
    ...pools.filter(({ name }) => !isCalled(name, target)).flatMap(({ realServers }) => realServers.flatMap((server) => checksOf(server, now))),
  ];
  if (lines.length === 0) return undefined;
  const names = new Set([target, ...instances.map(({ name }) => name), ...pools.flatMap((pool) => pool.realServers.map(({ name }) => name))]);
  const concerned = events.filter(({ fields }) =>
    ['instance', 'group', 'server', 'virtualServer', 'address'].some((field) => names.has(String(fields[field]))),
  );
  const told = concerned.slice(-MOST_EVENTS).map((event) => `  ${eventLine(event)}`);
  return `${[...lines, ...(told.length === 0 ? [] : ['', 'Of late:', ...told])].join('\n')}\n`;
}

function checksOf(server: RealServerStatus, now: number): readonly string[] {
  const lines = checkLines(server, now);
  return lines.length === 0 ? ['      no check looks at it'] : lines.map((line) => `      ${line}`);
}
