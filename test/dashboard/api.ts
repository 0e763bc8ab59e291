/** The real control API over a status that the test makes, for a page in a browser. */

import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

import { createEventStreams } from '../../src/control/event-streams.js';
import { createControlServer } from '../../src/control/server.js';
import type { Door } from '../../src/control/server.js';
import type { ControlState } from '../../src/control/state.js';
import type { ControlEvent, Status } from '../../src/control/status.js';
import { until } from '../lab/process.js';
import type { BrowserPage } from './browser.js';

export interface Api {
  readonly url: string;
  readonly show: (status: Status) => void;
  readonly tell: (event: ControlEvent) => void;
  readonly close: () => void;
}

/** Answers with `first` until something else is shown. With `door` it is the one for commands. */
export async function openApi(t: TestContext, first: Status, door: Door = {}): Promise<Api> {
  let status = first;
  let events: readonly ControlEvent[] = [];
  const streams = createEventStreams();
  const state: ControlState = {
    hear: () => undefined,
    looked: () => undefined,
    status: () => status,
    shown: () => status,
    statusText: () => Buffer.from(JSON.stringify(status)),
    screen: () => Buffer.alloc(0),
    eventsAfter: (id) => events.filter((event) => event.id > id),
    lastEventId: () => events.at(-1)?.id ?? 0,
  };
  const { server, close } = createControlServer(state, streams, () => Promise.resolve(''), door);
  t.after(close);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    show: (next) => (status = next),
    tell: (event) => {
      events = [...events, event];
      streams.send([event]);
    },
    close,
  };
}

/** Until the expression is true inside the page; while the page is not there yet, it may throw. */
export function shows(page: BrowserPage, expression: string): Promise<true> {
  const guarded = `(() => { try { return ${expression}; } catch { return false; } })()`;
  return until(expression, 30, async () => ((await page.evaluate(guarded)) === true ? true : undefined));
}
