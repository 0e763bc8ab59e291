/** The dashboard in a real browser, in front of the real control API. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';

import type { ControlEvent } from '../../src/control/status.js';
import { until } from '../lab/process.js';
import { openApi, shows } from './api.js';
import { openPage } from './browser.js';
import { farmStatus } from './farm.js';

const event = (id: number, text: string): ControlEvent => ({
  id,
  time: new Date().toISOString(),
  process: 'checkers',
  level: 'warn',
  event: 'serverDown',
  text,
  fields: {},
});

const cells = (state: string): string => `document.querySelectorAll('.cell[data-state="${state}"]').length`;

test('the page shows the topology, hears of changes at once, and is walked with keys', { timeout: 600_000 }, async (t) => {
  const api = await openApi(t, farmStatus({ services: 2, serversEach: 5 }));
  const page = await openPage(t, api.url);
  await shows(page, `${cells('up')} === 9 && ${cells('down')} === 2`);
  await shows(page, `document.querySelector('.instance').dataset.state === 'MASTER'`);
  await shows(page, `document.querySelector('#totals').textContent === '1 of 1 instances master · 9 of 11 real servers up'`);

  const before = await page.evaluate(`document.querySelector('.cell').__same = true`);
  assert.equal(before, true);
  api.show(farmStatus({ services: 2, serversEach: 6, round: 1 }));
  api.tell(event(1, 'Removing service [198.51.100.1]:tcp:8001 <b>not markup</b>'));
  await shows(page, `${cells('up')} === 11`);
  await shows(page, `document.querySelector('#events li span').textContent.endsWith('<b>not markup</b>')`);
  assert.equal(await page.evaluate(`document.querySelector('.cell').__same`), true, 'a cell that stays is not made anew');

  await page.evaluate(`document.querySelector('.cell').focus()`);
  await page.press('ArrowRight');
  assert.equal(await page.evaluate(`document.activeElement.dataset.name`), '[198.51.100.1]:tcp:8001');
  await page.evaluate(`document.activeElement.click()`);
  await shows(page, `document.querySelector('#detail h3').textContent === '[198.51.100.1]:tcp:8001'`);
  await shows(page, `document.querySelector('#detail polyline').getAttribute('points').split(' ').length === 2`);

  await page.press('/');
  for (const key of 'refused') await page.press(key);
  await shows(page, `document.querySelectorAll('.cell').length === 2`);
  await page.press('Escape');
  await shows(page, `document.querySelectorAll('.cell').length === 13`);
  assert.deepEqual(page.complaints, []);
});

test('light and dark follow the system, until the reader chooses', { timeout: 600_000 }, async (t) => {
  const api = await openApi(t, farmStatus({ services: 1, serversEach: 2 }));
  const page = await openPage(t, api.url);
  const ground = `getComputedStyle(document.body).backgroundColor`;
  await page.prefer('light');
  await shows(page, `${ground} === 'rgb(246, 247, 249)'`);
  await page.prefer('dark');
  await shows(page, `${ground} === 'rgb(20, 23, 26)'`);
  await page.evaluate(`document.querySelector('#theme').click()`);
  await shows(page, `${ground} === 'rgb(246, 247, 249)'`);
});

test('a daemon that does not answer is told, and its last picture is shown as old', { timeout: 600_000 }, async (t) => {
  const api = await openApi(t, farmStatus({ services: 1, serversEach: 2 }));
  const page = await openPage(t, api.url);
  await shows(page, `${cells('up')} === 2`);
  api.close();
  await shows(page, `document.querySelector('#trouble').textContent === 'the daemon does not answer' && document.body.hasAttribute('data-stale')`);
  assert.equal(await page.evaluate(cells('up')), 2);
});

test('the page runs no script but its own', { timeout: 600_000 }, async (t) => {
  const other = createServer((_request, response) => response.end('globalThis.foreign = true'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.after(() => other.close());
  const api = await openApi(t, farmStatus({ services: 1, serversEach: 2 }));
  const page = await openPage(t, api.url);
  await shows(page, `${cells('up')} === 2`);
  const foreign = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
  await page.evaluate(`document.head.append(Object.assign(document.createElement('script'), { src: '${foreign}' })); void 0`);
  await page.evaluate(`document.head.append(Object.assign(document.createElement('script'), { textContent: 'globalThis.foreign = true' })); void 0`);
  await until('both were refused', 30, () => page.complaints.filter((text) => text.includes('Content Security Policy')).length >= 2 || undefined);
  assert.equal(await page.evaluate(`globalThis.foreign`), undefined);
});
