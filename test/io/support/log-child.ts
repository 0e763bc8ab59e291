/**
 * A process with a logger on its standard streams: `log-child.js SETTINGS LINES LENGTH`. It logs, then tells on channel or
 * descriptor 3 the longest time its event loop stood still and how much memory it holds, and ends when told or by itself.
 */

import { writeSync } from 'node:fs';

import { type LogSettings, openLogger } from '../../../src/io/logs/logger.js';

const [settings = '{}', lines = '1', length = '10'] = process.argv.slice(2);
const logger = openLogger(JSON.parse(settings) as LogSettings);
const total = Number(lines);
let longest = 0;
let last = performance.now();
let sent = 0;

function turn(): void {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
  for (let i = 0; i < 100 && sent < total; i += 1, sent += 1) {
    const text = `line ${sent} `.padEnd(Number(length), 'x');
    logger.log({ level: 'info', event: 'test', text, fields: { sent }, detail: false });
  }
  if (sent < total) setTimeout(turn, 1);
  else setTimeout(report, 300);
}

function report(): void {
  longest = Math.max(longest, performance.now() - last - 300);
  writeSync(3, `${JSON.stringify({ longest, rss: process.memoryUsage().rss })}\n`);
  process.stdin.on('data', () => logger.finish(() => process.exit(7)));
}

process.stdin.resume();
turn();
