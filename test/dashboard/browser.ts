/** A headless Chromium of the tests' own, spoken to over its debugging protocol. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { WebSocket } from 'undici';

import { until } from '../lab/process.js';

export interface BrowserPage {
  /** The value of an expression inside the page; promises are waited for. Throws what the page throws. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  readonly press: (key: string) => Promise<void>;
  /** Console errors, and what the page's security policy refused. */
  readonly complaints: readonly string[];
  readonly screenshot: () => Promise<Buffer>;
  /** `light` or `dark`, as the reader's system wants it. */
  readonly prefer: (scheme: 'light' | 'dark') => Promise<void>;
}

/** Those that the browser acts upon itself go by their numbers. */
const NAMED_KEYS: Readonly<Record<string, Fields>> = {
  Enter: { code: 'Enter', text: '\r', windowsVirtualKeyCode: 13 },
  Escape: { code: 'Escape', windowsVirtualKeyCode: 27 },
};

type Fields = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: Fields;
  readonly error?: { readonly message: string };
}

/** Opens `url` in a window of 1280 x 900. */
export async function openPage(t: Pick<TestContext, 'after'>, url: string): Promise<BrowserPage> {
  const profile = mkdtempSync(join(tmpdir(), 'holdfast-browser-'));
  const browser = spawn(
    'chromium',
    ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--window-size=1280,900', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
    { stdio: 'ignore', detached: true },
  );
  t.after(async () => {
    if (browser.pid !== undefined) process.kill(-browser.pid, 'SIGKILL');
    await new Promise((resolve) => (browser.exitCode === null && browser.signalCode === null ? browser.once('exit', resolve) : resolve(undefined)));
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });
  const port = await until('the browser listens', 60, () => portIn(join(profile, 'DevToolsActivePort')));
  // It listens before it has a page.
  const target = await until('the browser has a page', 60, async () => {
    const pages = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as readonly { readonly type: string; readonly webSocketDebuggerUrl: string }[];
    return pages.find(({ type }) => type === 'page');
  });
  const complaints: string[] = [];
  const call = await connect(t, target.webSocketDebuggerUrl, (method, params) => {
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') complaints.push(JSON.stringify(params));
  });
  for (const domain of ['Page', 'Runtime', 'Log']) await call(`${domain}.enable`, {});
  await call('Page.navigate', { url });
  return pageOf(call, complaints);
}

type Call = (method: string, params: Fields) => Promise<Fields>;

function pageOf(call: Call, complaints: readonly string[]): BrowserPage {
  return {
    complaints,
    evaluate: async (expression) => {
      const answer = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (answer['exceptionDetails'] !== undefined) throw new Error(JSON.stringify(answer['exceptionDetails']));
      return (answer['result'] as { readonly value?: unknown }).value;
    },
    press: async (key) => {
      const text = key.length === 1 ? { text: key } : (NAMED_KEYS[key] ?? {});
      await call('Input.dispatchKeyEvent', { type: 'keyDown', key, ...text });
      await call('Input.dispatchKeyEvent', { type: 'keyUp', key });
    },
    screenshot: async () => Buffer.from(String((await call('Page.captureScreenshot', { format: 'png' }))['data']), 'base64'),
    prefer: async (scheme) => {
      await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    },
  };
}

function portIn(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8').split('\n')[0]) || undefined;
  } catch {
    return undefined;
  }
}

async function connect(t: Pick<TestContext, 'after'>, url: string, onEvent: (method: string, params: Fields) => void): Promise<Call> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, { readonly resolve: (result: Fields) => void; readonly reject: (error: Error) => void }>();
  let lastId = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, method, params = {}, result = {}, error } = JSON.parse(String(data)) as Message;
    if (method !== undefined) onEvent(method, params);
    const question = id === undefined ? undefined : waiting.get(id);
    if (id === undefined || question === undefined) return;
    waiting.delete(id);
    if (error === undefined) question.resolve(result);
    else question.reject(new Error(error.message));
  });
  t.after(() => socket.close());
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  return (method, params) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      socket.send(JSON.stringify({ id: lastId, method, params }));
    });
}
