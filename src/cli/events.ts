/** `holdfast events`: what happens in the running daemon, as it happens. */

import { Command, InvalidArgumentError } from 'commander';

import type { ControlEvent } from '../control/status.js';
import { SOCKET_HELP, ask, follow, socketOption, withAnswers } from './control-client.js';
import type { SocketOption } from './control-client.js';

interface EventsOptions extends SocketOption {
  readonly json?: true;
  readonly recent?: number;
}

export function createEventsCommand(): Command {
  return new Command()
    .description('Prints what happens in the running daemon, as it happens, until interrupted.')
    .option('--json', 'one JSON object a line, as GET /v1/events sends them')
    .option('--recent <number>', 'the last so many that are kept, and no waiting', readCount)
    .addOption(socketOption())
    .addHelpText('after', SOCKET_HELP)
    .action(({ json, recent, socket }: EventsOptions) =>
      withAnswers(async () => {
        const print = (event: ControlEvent): void => void process.stdout.write(`${json === true ? JSON.stringify(event) : eventLine(event)}\n`);
        if (recent !== undefined) {
          const events = await ask<readonly ControlEvent[]>(socket, '/v1/events?follow=no');
          events.slice(Math.max(0, events.length - recent)).forEach(print);
          return;
        }
        for await (const data of follow(socket, '/v1/events')) print(JSON.parse(data) as ControlEvent);
      }),
    );
}

/** `2026-11-21T17:20:46.123Z vrrp stateChanged (V1) Entering MASTER STATE`. */
export function eventLine({ time, process: speaker, event, text }: ControlEvent): string {
  return `${time} ${speaker} ${event} ${text}`;
}

function readCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It must be a number.');
  return Number(text);
}
