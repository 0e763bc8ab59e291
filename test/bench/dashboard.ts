/**
 * Frames a second of the dashboard while everything changes: 1,000 real servers whose latencies are new every half second
 * and a tenth of which flaps. `npm run bench -- dashboard`. Drawn by the processor, without a graphics card.
 */

import type { AddressInfo } from 'node:net';

import { createEventStreams } from '../../src/control/event-streams.js';
import { createControlServer } from '../../src/control/server.js';
import type { Status } from '../../src/control/status.js';
import { openPage } from '../dashboard/browser.js';
import { farmStatus } from '../dashboard/farm.js';

const SECONDS = 10;

const MEASURE = `new Promise((resolve) => {
  const begun = performance.now();
  const frames = [];
  let last = begun;
  const frame = (now) => {
    frames.push(now - last);
    last = now;
    if (now - begun < ${SECONDS * 1_000}) requestAnimationFrame(frame);
    else resolve({ rate: frames.length / ((now - begun) / 1000), longest: Math.max(...frames) });
  };
  requestAnimationFrame(frame);
})`;

export async function benchDashboard(): Promise<string> {
  const endings: (() => unknown)[] = [];
  let round = 0;
  let status: Status = farmStatus({ services: 20, serversEach: 50 });
  const streams = createEventStreams();
  const { server, close } = createControlServer(
    { hear: () => undefined, looked: () => undefined, status: () => status, shown: () => status, statusText: () => Buffer.from(JSON.stringify(status)), screen: () => Buffer.alloc(0), eventsAfter: () => [], lastEventId: () => round },
    streams,
    () => Promise.resolve(''),
    { commands: { send: () => undefined } },
  );
  endings.push(close);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const changes = setInterval(() => {
    round += 1;
    status = flapping(farmStatus({ services: 20, serversEach: 50, round }), round);
    streams.send([{ id: round, time: new Date().toISOString(), process: 'checkers', level: 'warn', event: 'serverDown', text: `round ${round}`, fields: {} }]);
  }, 500);
  endings.push(() => clearInterval(changes));
  const page = await openPage({ after: (ending) => endings.push(ending as () => unknown) }, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const { rate, longest } = (await page.evaluate(MEASURE)) as { readonly rate: number; readonly longest: number };
  for (const ending of endings.reverse()) await ending();
  return `Dashboard, 1,000 real servers, everything changes twice a second: ${rate.toFixed(1)} frames a second, longest frame ${longest.toFixed(0)} ms`;
}

/** Each tenth server is up in even rounds and down in odd ones. */
function flapping(status: Status, round: number): Status {
  const { lvs } = status;
  if (lvs === undefined) return status;
  const virtualServers = lvs.virtualServers.map((virtual) => ({
    ...virtual,
    realServers: virtual.realServers.map((real, index) => (index % 10 === 1 && round % 2 === 1 ? { ...real, state: 'down' as const } : real)),
  }));
  return { ...status, lvs: { ...lvs, virtualServers } };
}
