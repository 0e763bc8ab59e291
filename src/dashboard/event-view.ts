/** What happened, newest first, and as marks on a line of the last hour. */

import type { ControlEvent } from '../control/status.js';
import { timeline } from './chart.js';
import { byId, element, keyedList } from './dom.js';

/** Shown as text. */
const MOST = 100;
/** Milliseconds. */
const HOUR = 3_600_000;

/** Called with all events that are known, oldest first. */
export function eventView(): (events: readonly ControlEvent[]) => void {
  const list = keyedList<ControlEvent>(byId('events'), ({ id }) => String(id), () => {
    const time = element('time');
    const text = element('span');
    const root = element('li', {}, time, text);
    return {
      element: root,
      update: (event) => {
        root.setAttribute('data-level', event.level);
        time.setAttribute('datetime', event.time);
        time.textContent = new Date(event.time).toLocaleTimeString();
        text.textContent = `${event.process}: ${event.text}`;
      },
    };
  });
  return (events) => {
    list.update(events.slice(-MOST).reverse());
    const now = Date.now();
    byId('timeline').replaceChildren(timeline(events, now - HOUR, now));
  };
}
