/** `holdfast genhash` (and -T, and the program under the name genhash): the digest that a `digest` line of a url compares. */

import { lookup } from 'node:dns/promises';

import { Command } from 'commander';

import { parseAddress } from '../base/address.js';
import type { IpAddress } from '../base/address.js';
import { seconds } from '../base/time.js';
import type { HttpProtocol } from '../health/config-check.js';
import { exchangeHttp } from '../io/probes/http-exchange.js';
import type { HttpOutcome, HttpPhase, HttpQuestion } from '../io/probes/http-transport.js';
import { createTlsClient } from '../io/probes/tls-client.js';
import { responseTime, shownDigest, shownReply } from './genhash-report.js';
import { GENHASH_USAGE_ERROR } from './status.js';

interface GenhashOptions {
  readonly server?: string;
  readonly port?: string;
  readonly url?: string;
  readonly useSsl?: true;
  readonly useSni?: true;
  readonly useVirtualhost?: string;
  readonly verbose?: true;
  readonly fwmark: string;
  readonly protocol: string;
  readonly timeout: string;
}

interface Order {
  readonly question: HttpQuestion;
  /** Milliseconds that every step may take. */
  readonly timeout: number;
  readonly verbose: boolean;
}

const PROTOCOLS: Readonly<Record<string, HttpProtocol>> = { '1.0': '1.0', '1.0c': '1.0C', '1.0C': '1.0C', '1.1': '1.1' };

/** Whatever the body: its digest is what is asked for. */
const ANY_DIGEST = '0'.repeat(32);

export function createGenhashCommand(): Command {
  const command = new Command();
  return command
    .description('Fetches a page as HTTP_GET and SSL_GET do, and prints the MD5 of its body for: digest MD5.')
    .option('-s, --server <address>', 'server to ask, by address or name')
    .option('-p, --port <port>', 'its port')
    .option('-u, --url <path>', 'what is asked for')
    .option('-S, --use-ssl', 'ask over TLS')
    .option('-I, --use-sni', 'name the virtual host in the TLS greeting')
    .option('-V, --use-virtualhost <name>', 'virtual host of the request')
    .option('-v, --verbose', 'print what came back and how long it took too')
    .option('-m, --fwmark <mark>', 'firewall mark of the packets', '0')
    .option('-P, --protocol <version>', 'version of the request: 1.0, 1.0c (with Connection: close) or 1.1', '1.0')
    .option('-t, --timeout <seconds>', 'limit of every step', '5')
    .argument('[excess...]')
    .addHelpText('after', '\nExit status as of keepalived\'s genhash: 1 a command line that is not understood, else 0, answer or not.\n')
    .action(async (excess: readonly string[], options: GenhashOptions) => {
      const order = excess.length > 0 ? `Unexpected argument(s): ${excess.join(' ')}\n` : await orderOf(options);
      if (typeof order === 'string') {
        process.stderr.write(order);
        command.outputHelp({ error: true });
        process.exitCode = GENHASH_USAGE_ERROR;
        return;
      }
      const started = process.hrtime.bigint();
      await printDigest(order);
      if (order.verbose) process.stdout.write(responseTime(order.question.url.path, process.hrtime.bigint() - started));
    });
}

/** A text is the complaint. */
async function orderOf(options: GenhashOptions): Promise<Order | string> {
  const { server, url: path, useSsl, useSni, useVirtualhost: virtualHost, verbose } = options;
  const port = numberIn(options.port ?? '', 1, 65_535);
  const fwmark = numberIn(options.fwmark, 0, 4_294_967_295);
  const timeout = numberIn(options.timeout, 1, 3_600);
  const protocol = PROTOCOLS[options.protocol];
  if (options.port !== undefined && port === undefined) return `invalid port number '${options.port}'\n`;
  if (fwmark === undefined) return `invalid fwmark '${options.fwmark}'\n`;
  if (timeout === undefined) return `invalid timeout '${options.timeout}'\n`;
  if (protocol === undefined) return `invalid HTTP protocol version '${options.protocol}'\n`;
  if (server === undefined || port === undefined || path === undefined) return '';
  const address = await addressOf(server);
  if (address === undefined) return `server should be an IP, not ${server}\n`;
  const question: HttpQuestion = {
    type: 'http',
    connection: { address, port, fwmark, connectTimeout: seconds(timeout) },
    tls: useSsl === true,
    url: { path, digest: ANY_DIGEST, statusCodes: [], ...(virtualHost === undefined ? {} : { virtualHost }) },
    protocol,
    ...(useSni === true && virtualHost !== undefined ? { serverName: virtualHost } : {}),
  };
  return { question, timeout: timeout * 1_000, verbose: verbose === true };
}

async function addressOf(server: string): Promise<IpAddress | undefined> {
  try {
    return parseAddress(server) ?? parseAddress((await lookup(server)).address);
  } catch {
    return undefined;
  }
}

function numberIn(text: string, least: number, most: number): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= most ? value : undefined;
}

async function printDigest({ question, timeout, verbose }: Order): Promise<void> {
  const reply: Buffer[] = [];
  const outcome = await ask(question, timeout, (chunk) => {
    if (verbose) reply.push(Buffer.from(chunk));
  });
  if (outcome.type === 'replied') {
    const { bodyDigest = '' } = outcome.reply;
    process.stdout.write(verbose ? `${shownReply(Buffer.concat(reply))}${shownDigest(bodyDigest)}` : `${bodyDigest}\n`);
    return;
  }
  const complaint = complaintOf(outcome, question.tls);
  if (complaint === undefined) process.stderr.write('no data received from remote webserver\n');
  else process.stdout.write(`${complaint}\n`);
}

interface Timeout {
  readonly type: 'timeout';
  readonly phase: HttpPhase | 'connecting';
}

/** Never rejects. */
function ask(question: HttpQuestion, timeout: number, onBytes: (chunk: Buffer) => void): Promise<HttpOutcome | Timeout> {
  return new Promise((resolve) => {
    let phase: Timeout['phase'] = 'connecting';
    const timer = setTimeout(() => {
      exchange.abort();
      resolve({ type: 'timeout', phase });
    }, timeout);
    const exchange = exchangeHttp(question, {
      onProgress: (next) => {
        phase = next;
        timer.refresh();
      },
      onOutcome: (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      },
      onBytes,
    }, createTlsClient());
  });
}

/** In genhash's words; undefined when nothing that is a page came back, which it tells on the error output. */
function complaintOf(outcome: Exclude<HttpOutcome, { type: 'replied' }> | Timeout, secured: boolean): string | undefined {
  if (outcome.type === 'unconnected') return outcome.code === 'ENETUNREACH' ? 'HTTP_CHECK - network unreachable' : 'Connection failed';
  if (outcome.type === 'timeout') {
    if (outcome.phase === 'connecting' || outcome.phase === 'connected') return 'Timeout connecting';
    return outcome.phase === 'asked' ? `Timeout ${secured ? 'SSL' : 'WEB'} read` : 'Timeout HTTP read';
  }
  switch (outcome.failure.type) {
    case 'noData':
    case 'malformedReply':
      return undefined;
    case 'tlsFailed':
      return 'Connection failed';
    case 'sendFailed':
      return 'Cannot send get request to';
    default:
      return secured ? 'SSL read error from' : 'Read error with';
  }
}
