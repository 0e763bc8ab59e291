/**
 * The control API over HTTP: routes and limits. What is read comes from ControlState, never from another process; commands
 * exist only where the server was made with them. What it says of errors names neither paths nor code.
 */

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import { readJson } from './body.js';
import { SHOW_CONFIGURATION, readCommand } from './commands.js';
import { limitConnections } from './connections.js';
import type { EventStreams } from './event-streams.js';
import { isOfAnotherSite } from './http-guard.js';
import type { Guard } from './http-guard.js';
import { healthOf, linksNow, livenessProblems } from './health.js';
import type { HealthProblem, Links } from './health.js';
import type { Metrics } from './metrics/metrics.js';
import { dashboardPage } from './page.js';
import type { PendingCommands } from './pending-commands.js';
import { SCHEMA } from './schema.js';
import type { ControlState } from './state.js';

/** Clients at the same time, streams among them. */
const MOST_CONNECTIONS = 512;
const MOST_STREAMS = 256;

/** Milliseconds. */
const LIMITS = { head: 5_000, request: 10_000, answer: 10_000, idle: 5_000 };

const MOST_HEAD_BYTES = 8_192;

/** Text format of Prometheus. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Who asks. */
interface Asker {
  readonly mayCommand: boolean;
  /** False for a stranger, who is told as little as will do. */
  readonly isKnown: boolean;
}

type Answer = (request: IncomingMessage, url: URL, response: ServerResponse, asker: Asker) => void;

interface Route {
  readonly method: 'GET' | 'POST';
  readonly answer: Answer;
  /** For those who may command only. */
  readonly isCommand?: boolean;
}

export interface ControlServer {
  readonly server: Server;
  readonly close: () => void;
}

/** Of one door to the same state. */
export interface Door {
  /** With them it takes commands. */
  readonly commands?: Pick<PendingCommands, 'send'>;
  /** Where it is not the door itself that says who may ask. */
  readonly guard?: Guard;
  /** Clients at the same time, streams among them. */
  readonly mostConnections?: number;
  /** Where this process does not see the interfaces itself; undefined = nobody could say. */
  readonly links?: (done: (links: Links | undefined) => void) => void;
}

/** Not listening yet. `metrics` makes the text of /metrics. */
export function createControlServer(state: ControlState, streams: EventStreams, metrics: Metrics, door: Door = {}): ControlServer {
  const { commands, guard, mostConnections = MOST_CONNECTIONS, links = askHere } = door;
  const reading: Readonly<Record<string, Answer>> = {
    '/': (_request, _url, response) => sendPage(response),
    '/v1': (_request, _url, response, { mayCommand }) =>
      sendJson(response, 200, { version: 1, paths: Object.keys(routes).filter((path) => mayCommand || routes[path]?.isCommand !== true) }),
    '/v1/status': (_request, _url, response) => {
      state.looked();
      sendText(response, 200, state.statusText());
    },
    '/v1/status.txt': (_request, _url, response) => {
      state.looked();
      send(response, 200, 'text/plain; charset=utf-8', state.screen());
    },
    '/metrics': (_request, _url, response) => {
      state.looked();
      sendMetrics(response, metrics);
    },
    '/livez': (_request, _url, response, { isKnown }) => sendHealth(response, livenessProblems(state.shown(), Date.now()), isKnown),
    '/readyz': (_request, _url, response, { isKnown }) =>
      links((found) => sendHealth(response, healthOf(state.shown(), Date.now(), found).problems, isKnown)),
    '/v1/health': (_request, _url, response) => links((found) => sendJson(response, 200, healthOf(state.shown(), Date.now(), found))),
    '/v1/schema': (_request, _url, response) => sendJson(response, 200, SCHEMA),
    '/v1/events': (request, url, response) => {
      const since = sinceWhen(request, url, state);
      if (since === undefined) sendError(response, 400, 'after must be the id of an event');
      else if (url.searchParams.get('follow') === 'no') sendJson(response, 200, state.eventsAfter(since));
      else if (streams.size() >= MOST_STREAMS) sendError(response, 503, 'too many event streams');
      else {
        connections.keep(request.socket);
        streams.add(response, state.eventsAfter(since));
      }
    },
  };
  const routes: Readonly<Record<string, Route>> = {
    ...Object.fromEntries(Object.entries(reading).map(([path, each]) => [path, { method: 'GET', answer: each }])),
    ...(commands === undefined ? {} : adminRoutes(commands)),
  };
  const server = createServer(
    {
      maxHeaderSize: MOST_HEAD_BYTES,
      headersTimeout: LIMITS.head,
      requestTimeout: LIMITS.request,
      keepAliveTimeout: LIMITS.idle,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => receive(guard, request, response, (asker) => answer(routes, request, response, asker)),
  );
  server.on('clientError', (_error, socket) => socket.destroy());
  const connections = limitConnections(server, mostConnections);
  return {
    server,
    close: () => {
      streams.close();
      server.close();
      connections.closeAll();
    },
  };
}

const askHere = (done: (links: Links) => void): void => done(linksNow());

function adminRoutes(commands: Pick<PendingCommands, 'send'>): Readonly<Record<string, Route>> {
  return {
    '/v1/command': { method: 'POST', isCommand: true, answer: (request, _url, response) => obey(request, response, commands) },
    '/v1/configuration': { method: 'GET', isCommand: true, answer: (_request, _url, response) => showConfiguration(response, commands) },
  };
}

function showConfiguration(response: ServerResponse, commands: Pick<PendingCommands, 'send'>): void {
  commands.send(SHOW_CONFIGURATION, (result) => {
    if (result.done) sendText(response, 200, Buffer.from(`${result.shown ?? '{}'}\n`));
    else sendError(response, 503, result.error);
  });
}

/** Hands on who asks, or turns them away. */
function receive(guard: Guard | undefined, request: IncomingMessage, response: ServerResponse, admit: (asker: Asker) => void): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  const admission = guard?.(request, urlOf(request)?.pathname ?? '');
  if (admission === undefined) admit({ mayCommand: true, isKnown: true });
  else if (admission.type === 'admitted') admit({ mayCommand: admission.mayCommand, isKnown: true });
  else if (admission.type === 'stranger') admit({ mayCommand: false, isKnown: false });
  else {
    const { code, error, delay } = admission;
    request.resume();
    if (code === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="holdfast"');
    response.setHeader('Connection', 'close');
    if (delay === 0) sendError(response, code, error);
    else setTimeout(() => sendError(response, code, error), delay);
  }
}

function answer(routes: Readonly<Record<string, Route>>, request: IncomingMessage, response: ServerResponse, asker: Asker): void {
  const url = urlOf(request);
  const route = url === undefined ? undefined : routes[url.pathname.replace(/(.)\/$/, '$1')];
  // Where a body is of no use it is read off and forgotten.
  if (route?.method !== 'POST' || request.method !== 'POST') request.resume();
  if (url === undefined || route === undefined) {
    sendError(response, 404, 'there is no such path');
  } else if (route.isCommand === true && !asker.mayCommand) {
    if (route.method === 'POST') request.resume();
    sendError(response, 403, 'this token may not command');
  } else if (route.method !== (request.method === 'HEAD' ? 'GET' : request.method)) {
    response.setHeader('Allow', route.method === 'GET' ? 'GET, HEAD' : route.method);
    sendError(response, 405, route.method === 'GET' ? 'this path can only be read' : 'this path takes commands');
  } else {
    route.answer(request, url, response, asker);
  }
}

function obey(request: IncomingMessage, response: ServerResponse, commands: Pick<PendingCommands, 'send'>): void {
  // Whoever reaches the socket may command; a page that a browser reaches it for through a tunnel may only if it is ours.
  if (isOfAnotherSite(request.headers)) {
    request.resume();
    sendError(response, 403, 'pages of other sites may not command');
    return;
  }
  readJson(request, (value) => {
    const command = value === undefined ? 'the body is no JSON, or too long' : readCommand(value);
    if (typeof command === 'string') sendError(response, 400, command);
    else commands.send(command, (result) => sendJson(response, result.done ? 200 : 409, result));
  });
}

function urlOf({ url = '' }: IncomingMessage): URL | undefined {
  return URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost') : undefined;
}

/** Where the reader stands: `after`, or Last-Event-ID of one that comes back, or now. 0 = all that are kept. */
function sinceWhen({ headers }: IncomingMessage, { searchParams }: URL, state: ControlState): number | undefined {
  const last = headers['last-event-id'];
  const asked = searchParams.get('after') ?? (typeof last === 'string' ? last : undefined);
  if (asked === undefined) return searchParams.get('follow') === 'no' ? 0 : state.lastEventId();
  return /^\d{1,15}$/.test(asked) ? Number(asked) : undefined;
}

function sendError(response: ServerResponse, code: number, error: string): void {
  sendJson(response, code, { error });
}

function sendJson(response: ServerResponse, code: number, value: unknown): void {
  sendText(response, code, Buffer.from(`${JSON.stringify(value)}\n`));
}

/** The dashboard; what it shows it asks for itself. */
function sendMetrics(response: ServerResponse, metrics: Metrics): void {
  metrics().then(
    (text) => send(response, 200, METRICS_TYPE, Buffer.from(text)),
    () => sendError(response, 500, 'the metrics could not be written'),
  );
}

function sendPage(response: ServerResponse): void {
  const page = dashboardPage();
  if (page === undefined) {
    sendError(response, 404, 'the dashboard was not built');
    return;
  }
  response.setHeader('Content-Security-Policy', page.policy);
  response.setHeader('Referrer-Policy', 'no-referrer');
  send(response, 200, 'text/html; charset=utf-8', page.text);
}

/** One line for each reason, or ok. A stranger hears no reasons: they name interfaces and servers. */
function sendHealth(response: ServerResponse, problems: readonly HealthProblem[], withReasons: boolean): void {
  const reasons = withReasons ? problems.map(({ text }) => text) : [`${problems.length} ${problems.length === 1 ? 'reason' : 'reasons'} against it`];
  const text = problems.length === 0 ? 'ok\n' : reasons.map((reason) => `${reason}\n`).join('');
  send(response, problems.length === 0 ? 200 : 503, 'text/plain; charset=utf-8', Buffer.from(text));
}

/** The bytes are shared by all who are sent them. A reader that takes too long is let go. */
function sendText(response: ServerResponse, code: number, text: Buffer): void {
  send(response, code, 'application/json; charset=utf-8', text);
}

function send(response: ServerResponse, code: number, type: string, text: Buffer): void {
  const limit = setTimeout(() => response.destroy(), LIMITS.answer);
  response.on('close', () => clearTimeout(limit));
  response.writeHead(code, { 'Content-Type': type, 'Content-Length': text.length });
  response.end(text);
}
