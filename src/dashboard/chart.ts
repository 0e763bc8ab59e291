/** Small drawings: latencies of a check over time, and changes of state on a line. */

import type { ControlEvent } from '../control/status.js';
import { svg } from './dom.js';
import type { Answer } from './history.js';

const WIDTH = 320;
const HEIGHT = 72;
/** Space for the scale's numbers. */
const TOP = 12;

/** Latency as a line, failures as marks; the scale ends at the slowest answer shown. */
export function latencyChart(answers: readonly Answer[]): SVGElement {
  const slowest = Math.max(1, ...answers.map(({ milliseconds }) => milliseconds));
  const from = answers[0]?.at ?? 0;
  const span = Math.max(1, (answers.at(-1)?.at ?? 1) - from);
  const x = ({ at }: Answer): number => ((at - from) / span) * WIDTH;
  const y = ({ milliseconds }: Answer): number => TOP + (1 - milliseconds / slowest) * (HEIGHT - TOP - 2);
  const points = answers.map((answer) => `${x(answer).toFixed(1)},${y(answer).toFixed(1)}`).join(' ');
  const failures = answers.filter(({ passed }) => !passed);
  const label = svg('text', { x: '0', y: '9', class: 'scale' });
  label.textContent = `${slowest.toFixed(slowest < 10 ? 2 : 0)} ms`;
  return svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'latency', role: 'img', 'aria-label': `latency of the last ${answers.length} answers` },
    label,
    svg('polyline', { points, fill: 'none' }),
    ...failures.map((answer) => svg('circle', { cx: x(answer).toFixed(1), cy: y(answer).toFixed(1), r: '3', class: 'failure' })),
  );
}

/** Marks for the events between `from` and `to` (milliseconds since 1970); the colour is the level's. */
export function timeline(events: readonly ControlEvent[], from: number, to: number): SVGElement {
  const marks = events.flatMap(({ time, level, text }) => {
    const at = Date.parse(time);
    if (at < from || at > to) return [];
    const x = ((at - from) / Math.max(1, to - from)) * 1_000;
    const title = svg('title');
    title.textContent = `${time} ${text}`;
    return [svg('line', { x1: x.toFixed(1), x2: x.toFixed(1), y1: '2', y2: '18', class: level }, title)];
  });
  return svg(
    'svg',
    { viewBox: '0 0 1000 20', preserveAspectRatio: 'none', class: 'timeline', role: 'img', 'aria-label': `${marks.length} events` },
    svg('line', { x1: '0', x2: '1000', y1: '10', y2: '10', class: 'axis' }),
    ...marks,
  );
}
