/** What processes of a daemon have told each other: what a test has to wait for before it kills one of them. */

import { request } from 'node:http';
import { join } from 'node:path';

import type { Status } from '../../src/control/status.js';
import { until } from '../lab/process.js';
import type { Host } from './network.js';

/**
 * Waits until the VRRP process that runs has told what its successor and the guardian need: all of its instances are shown
 * as masters that hold their addresses, and what a process shows it tells behind what it leaves. With the control socket
 * beside the pid file.
 */
export async function untilTold(host: Host): Promise<void> {
  const socket = (name: string): string => join(host.folder, `keepalived.control.${name}`);
  await until('the daemon knows what its VRRP process leaves', 20, async () => {
    const answer = await ask(socket('sock'), '/v1/status');
    if (answer === undefined) return undefined;
    const { daemon, vrrp } = JSON.parse(answer) as Status;
    const isOfThisProcess = daemon?.processes.some(({ name, pid }) => name === 'vrrp' && pid === host.pidOf('vrrp')) === true;
    return (isOfThisProcess && vrrp?.instances.every(({ state, addresses }) => state === 'MASTER' && addresses.every(({ held }) => held)) === true) || undefined;
  });
  await untilAnswered(host);
}

/** Waits until the supervisor answers: it has done by then what it had to do before. */
export async function untilAnswered(host: Host): Promise<void> {
  await until('the supervisor answers', 20, () => ask(join(host.folder, 'keepalived.control.admin.sock'), '/v1/configuration'));
}

/** Undefined: nobody answers, or with something else than what was asked for. */
function ask(socketPath: string, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const question = request({ socketPath, path, headers: { Host: 'localhost' } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(response.statusCode === 200 ? text : undefined));
      response.on('error', () => resolve(undefined));
    });
    question.on('error', () => resolve(undefined)).end();
  });
}
