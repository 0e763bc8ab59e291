import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { LogEntry } from '../../src/base/log.js';
import { LogQueue } from '../../src/io/logs/log-queue.js';
import { createLogSink } from '../../src/io/logs/log-sink.js';
import type { Taken } from '../../src/io/logs/log-sink.js';
import { type LogSettings, openLogger } from '../../src/io/logs/logger.js';
import { NativeSocket } from '../../src/io/sockets/native-socket.js';
import { sockaddrUn } from '../../src/io/sockets/sockaddr.js';
import { until } from './support/until.js';

const SILENT: LogSettings = {
  ident: 'Keepalived_vrrp',
  detail: false,
  format: 'text',
  console: false,
  syslogFacility: undefined,
  file: undefined,
};

const child = fileURLToPath(new URL('support/log-child.js', import.meta.url));

function entry(text: string, more: Partial<LogEntry> = {}): LogEntry {
  return { level: 'info', event: 'test', text, fields: {}, detail: false, ...more };
}

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hf-logger-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

const finished = (logger: ReturnType<typeof openLogger>): Promise<void> => new Promise((resolve) => logger.finish(resolve));

/** A process logging to its standard error; what it reports comes on descriptor 3. */
function startLogging(t: TestContext, settings: Partial<LogSettings>, lines: number, length: number): ChildProcess {
  const words = [child, JSON.stringify({ ...SILENT, ...settings }), String(lines), String(length)];
  const process_ = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  t.after(() => process_.kill('SIGKILL'));
  return process_;
}

interface Report {
  readonly longest: number;
  readonly rss: number;
}

async function reportOf(process_: ChildProcess): Promise<Report> {
  const [line] = (await once(process_.stdio[3] as Readable, 'data')) as [Buffer];
  return JSON.parse(line.toString()) as Report;
}

async function leave(process_: ChildProcess): Promise<number | null> {
  process_.stdin?.write('leave');
  const [status] = (await once(process_, 'exit')) as [number | null];
  return status;
}

function assertUnharmed({ longest, rss }: Report): void {
  assert.ok(longest < 1_000, `the event loop stood still for ${longest} ms`);
  assert.ok(rss < 160 * 1024 * 1024, `${rss} bytes resident`);
}

/** What `stream` still holds and gets, until it ends. */
async function textOf(stream: Readable | null): Promise<string> {
  const chunks: Buffer[] = [];
  if (stream !== null) for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test('the console shows keepalived\'s sentence with its date on standard error', async (t) => {
  const process_ = startLogging(t, { console: true }, 1, 6);
  const text = textOf(process_.stderr);
  await reportOf(process_);
  assert.equal(await leave(process_), 7);
  assert.match(await text, /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d \d{4}: line 0 \n$/);
});

test('JSON lines carry event, fields and message on standard output', async (t) => {
  const process_ = startLogging(t, { console: true, format: 'json' }, 2, 6);
  const text = textOf(process_.stdout);
  await reportOf(process_);
  await leave(process_);
  const [first = '', second = '', rest] = (await text).split('\n');
  const { time, pid, ...stable } = JSON.parse(first) as Record<string, unknown>;
  assert.deepEqual(stable, { level: 'info', process: 'Keepalived_vrrp', event: 'test', fields: { sent: 0 }, message: 'line 0 ' });
  assert.equal(pid, process_.pid);
  assert.ok(!Number.isNaN(Date.parse(String(time))));
  assert.match(second, /"sent":1/);
  assert.equal(rest, '');
});

test('detail entries appear only with --log-detail, the fine ones when it is given twice, and no text can start a line of its own', async (t) => {
  const file = join(scratch(t), 'daemon.log');
  for (const times of [0, 1, 2]) {
    const logger = openLogger({ ...SILENT, file, detail: times > 0, fineDetail: times > 1 });
    logger.log(entry('always\nDec 31 forged: line\u001b[2J'));
    logger.log(entry('sometimes', { detail: true }));
    logger.log(entry('rarely', { detail: true, fine: true }));
    await finished(logger);
  }
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const sentences = lines.map((line) => /^\w{3} \w{3} \d\d \d\d:\d\d:\d\d\.\d{9} \d{4}: (.*)$/.exec(line)?.[1]);
  const always = 'always\\x0aDec 31 forged: line\\x1b[2J';
  assert.deepEqual(sentences, [always, always, 'sometimes', always, 'sometimes', 'rarely']);
  assert.equal(lstatSync(file).mode & 0o777, 0o600);
});

test('a planted log file is left alone, and the other sinks say so', async (t) => {
  const folder = scratch(t);
  const target = join(folder, 'victim');
  writeFileSync(target, 'precious');
  symlinkSync(target, join(folder, 'link.log'));
  chmodSync(folder, 0o777);
  const syslog = openSyslog(t, join(folder, 'log'));
  syslog.start();
  const logger = openLogger({ ...SILENT, file: join(folder, 'link.log'), syslogFacility: 3, syslogSocket: join(folder, 'log') });
  await until(() => syslog.messages.length === 1);
  assert.match(syslog.messages[0] ?? '', /Cannot open log file .*link\.log: ELOOP$/);
  await finished(logger);
  assert.equal(readFileSync(target, 'utf8'), 'precious');
});

function openSyslog(t: TestContext, path: string): { messages: string[]; start: () => void } {
  const messages: string[] = [];
  const socket = new NativeSocket({
    domain: 1,
    type: 2,
    protocol: 0,
    slots: 16,
    slotSize: 4_096,
    onMessage: ({ data }) => messages.push(Buffer.from(data).toString()),
    onError: (errno) => {
      throw new Error(`syslog socket: ${errno}`);
    },
  });
  t.after(() => {
    socket.close();
  });
  assert.equal(socket.bind(sockaddrUn(path)), 0);
  return {
    messages,
    start: () => {
      socket.start();
    },
  };
}

test('syslog gets one datagram per entry with facility, severity, ident and pid', async (t) => {
  const path = join(scratch(t), 'log');
  const syslog = openSyslog(t, path);
  syslog.start();
  const logger = openLogger({ ...SILENT, syslogFacility: 16, syslogSocket: path });
  logger.log(entry('(VI_1) Entering MASTER STATE'));
  logger.log(entry('trouble', { level: 'error' }));
  await finished(logger);
  await until(() => syslog.messages.length === 2);
  const [first = '', second = ''] = syslog.messages;
  assert.match(first, /^<134>[A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d Keepalived_vrrp\[\d+\]: \(VI_1\) Entering MASTER STATE$/);
  assert.ok(first.includes(`[${process.pid}]`));
  assert.match(second, /^<131>.*: trouble$/);
});

test('entries wait for a system log that starts late', async (t) => {
  const path = join(scratch(t), 'log');
  const logger = openLogger({ ...SILENT, syslogFacility: 3, syslogSocket: path });
  logger.log(entry('early'));
  await sleep(30);
  const syslog = openSyslog(t, path);
  syslog.start();
  await until(() => syslog.messages.length === 1);
  assert.match(syslog.messages[0] ?? '', /: early$/);
  await finished(logger);
});

test('a syslog socket nobody empties costs lines, not time or memory, and the loss is told', async (t) => {
  const path = join(scratch(t), 'log');
  const stuck = openSyslog(t, path);
  const logger = openLogger({ ...SILENT, syslogFacility: 3, syslogSocket: path });
  const total = 20_000;
  for (let i = 0; i < total; i += 1) logger.log(entry(`line ${i} `.padEnd(200, 'x')));
  await sleep(50);
  stuck.start();
  const last = (): string => stuck.messages.at(-1) ?? '';
  await until(() => last().endsWith('log lines dropped'));
  const dropped = Number(/(\d+) log lines dropped$/.exec(last())?.[1]);
  assert.ok(dropped > total / 2, `${dropped} dropped`);
  await finished(logger);
});

test('a full pipe never stalls the process; once it is read again the loss is told', async (t) => {
  const process_ = startLogging(t, { console: true }, 50_000, 200);
  assertUnharmed(await reportOf(process_));
  let text = '';
  process_.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await until(() => text.endsWith('log lines dropped\n'));
  const kept = [...text.matchAll(/: line (\d+) /g)].map((match) => Number(match[1]));
  assert.deepEqual(kept, Array.from(kept, (_, i) => i), 'the oldest lines survive in order');
  assert.equal(Number(/(\d+) log lines dropped/.exec(text)?.[1]), 50_000 - kept.length);
  assert.equal(await leave(process_), 7);
});

test('leaving does not wait for a pipe that nobody reads', async (t) => {
  const process_ = startLogging(t, { console: true }, 5_000, 200);
  await reportOf(process_);
  assert.equal(await leave(process_), 7);
});

test('a closed pipe does not end the process', async (t) => {
  const process_ = startLogging(t, { console: true }, 5_000, 200);
  process_.stderr?.destroy();
  assertUnharmed(await reportOf(process_));
  assert.equal(await leave(process_), 7);
});

test('standard error that is a socket or closed does no harm either', async (t) => {
  const settings = JSON.stringify({ ...SILENT, console: true });
  const program =
    'import os, socket, subprocess, sys\n' +
    'a, b = socket.socketpair()\n' +
    'for error in (b.fileno(), None):\n' +
    '  r, w = os.pipe()\n' +
    '  def setup(): os.dup2(w, 3) if w != 3 else os.set_inheritable(3, True); None if error else os.close(2)\n' +
    '  p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stderr=error, preexec_fn=setup, close_fds=False)\n' +
    '  os.close(w); os.read(r, 200); p.stdin.write(b"leave"); p.stdin.close()\n' +
    '  print(p.wait(), flush=True)\n' +
    'print(a.recv(20).decode()[:3])';
  const python = spawn('python3', ['-c', program, process.execPath, child, settings, '20000', '200'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => python.kill('SIGKILL'));
  const output = await textOf(python.stdout);
  assert.match(output, /^7\n7\n(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\n$/);
});

test('a terminal stopped with Ctrl-S does not stall the process', async (t) => {
  const settings = JSON.stringify({ ...SILENT, console: true });
  const program =
    'import os, pty, subprocess, sys, time\n' +
    'master, slave = pty.openpty()\n' +
    'os.write(master, b"\\x13"); time.sleep(0.1)\n' +
    'r, w = os.pipe()\n' +
    'p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stderr=slave, preexec_fn=lambda: os.dup2(w, 3), close_fds=False)\n' +
    'os.close(w); print(os.read(r, 200).decode(), end="", flush=True)\n' +
    'os.write(master, b"\\x11"); time.sleep(0.1); print(os.read(master, 3).decode(), flush=True)\n' +
    'p.stdin.write(b"leave"); p.stdin.close(); print(p.wait())';
  const python = spawn('python3', ['-c', program, process.execPath, child, settings, '20000', '200'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => python.kill('SIGKILL'));
  const [report = '', first, status] = (await textOf(python.stdout)).split('\n');
  assertUnharmed(JSON.parse(report) as Report);
  assert.match(first ?? '', /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/);
  assert.equal(status, '7');
});

test('the queue keeps the oldest lines, counts the others and hands out whole lines', () => {
  const queue = new LogQueue(10);
  assert.deepEqual(['aaaa', 'bbbb', 'cccc', 'dd'].map((line) => queue.push(Buffer.from(line))), [true, true, false, true]);
  assert.equal(queue.batch(5)?.toString(), 'aaaa');
  assert.equal(queue.batch(9)?.toString(), 'aaaabbbb');
  queue.advance(6);
  assert.equal(queue.batch(1)?.toString(), 'bb');
  queue.advance(2);
  assert.equal(queue.batch(100)?.toString(), 'dd');
  queue.advance(2);
  assert.ok(queue.empty);
  assert.equal(queue.takeDropped(), 1);
  assert.equal(queue.takeDropped(), 0);
});

test('a destination that is not there is asked ever more seldom, and after a second again once it has been there', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] });
  let isThere = false;
  let offers = 0;
  const offer = (bytes: Buffer): Taken => {
    offers += 1;
    return isThere ? bytes.length : 'absent';
  };
  const offersWithin = (milliseconds: number): number => {
    const before = offers;
    for (let passed = 0; passed < milliseconds; passed += 100) t.mock.timers.tick(100);
    return offers - before;
  };
  const sink = createLogSink(({ text }) => Buffer.from(`${text}\n`), { offer, batchSize: 1, close: () => undefined });
  sink.write(entry('one'));
  sink.flush();
  assert.equal(offersWithin(1_000), 1, 'a second later');
  assert.equal(offersWithin(14_000), 3, 'two, four and eight seconds later');
  assert.equal(offersWithin(160_000), 10, 'every sixteen seconds');
  isThere = true;
  assert.equal(offersWithin(16_000), 1);
  isThere = false;
  sink.write(entry('two'));
  sink.flush();
  assert.equal(offersWithin(1_000), 1, 'a second later again');
  sink.close();
});
