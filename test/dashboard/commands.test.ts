/** Commands from the page in a real browser: who sees them, what is asked, and what a daemon then does. */

import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { CommandAnswer } from '../../src/control/commands.js';
import { createGuard } from '../../src/control/http-guard.js';
import type { Status } from '../../src/control/status.js';
import { holdfast } from '../cli/command.js';
import { instance, openNetwork, pool } from '../daemon/network.js';
import { until } from '../lab/process.js';
import { openApi, shows } from './api.js';
import { openPage } from './browser.js';
import type { BrowserPage } from './browser.js';
import { farmStatus } from './farm.js';

const READING = 'r'.repeat(40);
const COMMANDS = 'c'.repeat(40);

const click = (page: BrowserPage, selector: string): Promise<unknown> => page.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
const isShown = (selector: string): string => `document.querySelector(${JSON.stringify(selector)})?.checkVisibility() === true`;
const SERVER = '.cell[data-state="up"]';
const OPEN = `document.querySelector('#confirm').open`;

/** Takes every command and remembers it. */
function scribe(): { readonly given: unknown[]; readonly send: (command: unknown, done: (answer: CommandAnswer) => void) => void } {
  const given: unknown[] = [];
  return {
    given,
    send: (command, done) => {
      given.push(command);
      done({ done: true, changed: ['it'] });
    },
  };
}

test('where commands are not taken there is no button, no key, and a refusal for who asks all the same', { timeout: 600_000 }, async (t) => {
  const status = farmStatus({ services: 1, serversEach: 3 });
  const { given, send } = scribe();
  const api = await openApi(t, status, { commands: { send }, guard: createGuard({ reading: READING, commands: COMMANDS }) });
  const page = await openPage(t, api.url);
  const use = (token: string): Promise<unknown> => page.evaluate(`document.querySelector('#token-text').value = '${token}'; document.querySelector('#token button').click()`);
  await shows(page, `document.querySelector('#token').open`);
  await use(READING);
  await shows(page, `document.querySelectorAll('${SERVER}').length === 3`);
  await shows(page, isShown('#other-token'));
  await click(page, SERVER);
  await shows(page, `document.querySelector('#detail h3').textContent !== ''`);
  assert.equal(await page.evaluate(isShown('#actions')), false);
  assert.equal(await page.evaluate(isShown('.instance .command')), false);
  await page.evaluate(`document.querySelector('${SERVER}').focus()`);
  await page.press('d');
  assert.equal(await page.evaluate(OPEN), false);
  const asked = (token: string): string => `fetch('v1/command', { method: 'POST', headers: { Authorization: 'Bearer ${token}' }, body: '{"action":"yield","instance":"VI_1"}' }).then(({ status }) => status)`;
  assert.equal(await page.evaluate(asked(READING)), 403);
  assert.deepEqual(given, []);

  await click(page, '#other-token');
  await use(COMMANDS);
  await shows(page, isShown('#actions'));
  await shows(page, isShown('.instance .command'));
});

test('each command is asked about, by mouse and by keys, says what it does and is taken back', { timeout: 600_000 }, async (t) => {
  const { given, send } = scribe();
  const status = farmStatus({ services: 1, serversEach: 3 });
  const api = await openApi(t, status, { commands: { send } });
  const page = await openPage(t, api.url);
  const place = { server: '[198.51.100.1]:tcp:8001', virtualServer: '[192.0.2.100]:tcp:80' };
  await shows(page, isShown('.instance .command'));
  await click(page, SERVER);
  await click(page, '#actions button');
  await shows(page, `${OPEN} && document.querySelector('#confirm-title').textContent === 'Drain ${place.server} of ${place.virtualServer}?'`);
  assert.match(String(await page.evaluate(`document.querySelector('#confirm-lines').textContent`)), /1 other server carries on; nobody stands behind\. Weight alive 2 → 1, quorum 1\./);
  assert.equal(await page.evaluate(`document.activeElement.id`), 'confirm-no', 'Enter does nothing that was not meant');
  await page.press('Enter');
  await shows(page, `!${OPEN}`);
  assert.deepEqual(given, []);

  await page.evaluate(`document.querySelector('${SERVER}').focus()`);
  await page.press('w');
  await shows(page, `${OPEN} && document.activeElement.id === 'confirm-weight'`);
  await page.press('4');
  await shows(page, `document.querySelector('#confirm-lines').textContent.includes('Its weight goes from 1 to 4.')`);
  await page.evaluate(`document.querySelector('#confirm-term').value = '3600'`);
  await page.press('Enter');
  await shows(page, `document.querySelector('#done-text').textContent === 'Weigh: it'`);
  assert.deepEqual(given.splice(0), [{ action: 'weight', ...place, weight: 4, seconds: 3_600, keep: false }]);
  await click(page, '#undo');
  await shows(page, `document.querySelector('#done-text').textContent === 'Taken back: it'`);
  assert.deepEqual(given.splice(0), [{ action: 'enable', ...place, keep: false }]);
  assert.equal(await page.evaluate(isShown('#undo')), false);

  await click(page, '.instance .command');
  await shows(page, `${OPEN} && document.querySelector('#confirm-title').textContent === 'Make VI_1 yield?'`);
  await page.press('Escape');
  await shows(page, `!${OPEN}`);
  await click(page, '.instance .command');
  // In one breath: a question is not ended by what the browser has still to say about the one before.
  await page.evaluate(`document.querySelector('#confirm-no').click(); document.querySelector('.instance .command').click(); new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))`);
  await click(page, '#confirm-yes');
  await shows(page, `document.querySelector('#done-text').textContent === 'Yield: it'`);
  assert.deepEqual(given, [{ action: 'yield', instance: 'VI_1', keep: false }]);
  assert.deepEqual(page.complaints, []);
});

/** What `ssh -L` does: a port of this machine that is the socket. */
async function tunnel(t: TestContext, path: string): Promise<number> {
  const server = createServer((client) => {
    const socket = connect(path);
    client.pipe(socket).pipe(client);
    for (const each of [client, socket]) each.on('error', () => [client, socket].forEach((end) => end.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('a click drains a server of a running daemon and makes an instance yield; a page of another site can do neither', { timeout: 600_000 }, async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  left.daemon(`${pool({ servers: { 81: ['weight 3'], 82: [] } })}${instance({ priority: 100 })}`);
  const socket = join(left.folder, 'keepalived.control.sock');
  const shown = async <T>(what: string, found: (status: Status) => T | undefined): Promise<T> =>
    until(what, 30, () => {
      const { status, output } = holdfast(['status', '--json', '--socket', socket]);
      return status === 0 ? found(JSON.parse(output) as Status) : undefined;
    });
  const server = ({ lvs }: Status) => lvs?.virtualServers[0]?.realServers[0];
  const state = ({ vrrp }: Status) => vrrp?.instances[0]?.state;
  await shown('the master and its pool', (status) => (state(status) === 'MASTER' && server(status) !== undefined) || undefined);

  const reading = await openPage(t, `http://127.0.0.1:${await tunnel(t, socket)}/`);
  await shows(reading, `document.querySelectorAll('.cell').length === 2`);
  assert.equal(await reading.evaluate(`fetch('v1/command', { method: 'POST', body: '{}' }).then(({ status }) => status)`), 404);
  assert.equal(await reading.evaluate(isShown('.instance .command')), false);

  const port = await tunnel(t, join(left.folder, 'keepalived.control.admin.sock'));
  const page = await openPage(t, `http://127.0.0.1:${port}/`);
  await shows(page, isShown('.instance .command'));
  await click(page, '.cell');
  await click(page, '#actions button');
  await shows(page, OPEN);
  await click(page, '#confirm-yes');
  await shown('the drained server', (status) => (server(status)?.byHand === 'drain' && server(status)?.weight.effective === 0) || undefined);
  await shows(page, `document.querySelectorAll('.cell[data-state="drained"]').length === 1`);
  await click(page, '#undo');
  await shown('its weight again', (status) => (server(status)?.byHand === undefined && server(status)?.weight.effective === 3) || undefined);
  await click(page, '.instance .command');
  await shows(page, OPEN);
  await click(page, '#confirm-yes');
  await shown('who yields', ({ byHand }) => byHand?.some(({ action }) => action === 'yield') || undefined);
  await shows(page, `document.querySelector('.instance .command').textContent === 'Resume'`);

  const foreign = await fetch(`http://127.0.0.1:${port}/v1/command`, { method: 'POST', headers: { Origin: 'http://elsewhere.example.com' }, body: JSON.stringify({ action: 'resume', instance: 'V1' }) });
  assert.equal(foreign.status, 403);
  await shown('it yields still', ({ byHand }) => byHand?.some(({ action }) => action === 'yield') || undefined);
});
