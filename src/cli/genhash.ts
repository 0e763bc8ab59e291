/** `holdfast genhash` (and -T, and the program under the name genhash): the digest that a `digest` line of a url compares. */

import { lookup } from 'node:dns/promises';

import { Command, InvalidArgumentError, Option } from 'commander';

import { parseAddress } from '../base/address.js';
import type { IpAddress } from '../base/address.js';
import { seconds } from '../base/time.js';
import type { HttpProtocol } from '../health/config-check.js';
import { errorCodeOf } from '../io/files/files.js';
import { exchangeHttp } from '../io/probes/http-exchange.js';
import type { HttpOutcome, HttpQuestion } from '../io/probes/http-transport.js';
import { createTlsClient } from '../io/probes/tls-client.js';
import { FINDINGS } from './status.js';

interface GenhashOptions {
  readonly server: string;
  readonly port: number;
  readonly url: string;
  readonly useSsl?: true;
  readonly useSni?: true;
  readonly useVirtualhost?: string;
  readonly verbose?: true;
  readonly fwmark: number;
  readonly protocol: keyof typeof PROTOCOLS;
  readonly timeout: number;
}

const PROTOCOLS = { '1.0': '1.0', '1.0c': '1.0C', '1.1': '1.1' } as const satisfies Record<string, HttpProtocol>;

/** Whatever the body: its digest is what is asked for. */
const ANY_DIGEST = '0'.repeat(32);

export function createGenhashCommand(): Command {
  return new Command()
    .description('Fetches a page as HTTP_GET and SSL_GET do, and prints the MD5 of its body for: digest MD5.')
    .requiredOption('-s, --server <address>', 'server to ask, by address or name')
    .requiredOption('-p, --port <port>', 'its port', number(1, 65_535))
    .requiredOption('-u, --url <path>', 'what is asked for')
    .option('-S, --use-ssl', 'ask over TLS')
    .option('-I, --use-sni', 'name the virtual host in the TLS greeting')
    .option('-V, --use-virtualhost <name>', 'virtual host of the request')
    .option('-v, --verbose', 'print status and time too')
    .option('-m, --fwmark <mark>', 'firewall mark of the packets', number(0, 4_294_967_295), 0)
    .addOption(new Option('-P, --protocol <version>', 'version of the request').choices(Object.keys(PROTOCOLS)).default('1.0'))
    .option('-t, --timeout <seconds>', 'limit of the whole', number(1, 3_600), 5)
    .addHelpText('after', '\nExit status: 0 printed, 1 no answer, 2 a command line that is not understood.\n')
    .action(async (options: GenhashOptions) => {
      const started = process.hrtime.bigint();
      const outcome = await fetchDigest(options);
      if (outcome.type !== 'replied') {
        process.stderr.write(`${describe(outcome, options)}\n`);
        process.exitCode = FINDINGS;
        return;
      }
      const { bodyDigest = '', status } = outcome.reply;
      const micros = (process.hrtime.bigint() - started) / 1_000n;
      const more = options.verbose === true ? `status ${status}, ${micros} µs for ${options.url}\n` : '';
      process.stdout.write(`${more}${bodyDigest}\n`);
    });
}

type Failure = { readonly type: 'unknownServer'; readonly code: string } | { readonly type: 'timeout' };

async function fetchDigest(options: GenhashOptions): Promise<HttpOutcome | Failure> {
  const address = await addressOf(options.server);
  if (typeof address !== 'object') return { type: 'unknownServer', code: address };
  const question = questionFor(options, address.value);
  return new Promise((resolve) => {
    const exchange = exchangeHttp(question, {
      onProgress: () => undefined,
      onOutcome: (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      },
    }, createTlsClient());
    const timer = setTimeout(() => {
      exchange.abort();
      resolve({ type: 'timeout' });
    }, options.timeout * 1_000);
  });
}

/** A text is the reason why there is none. */
async function addressOf(server: string): Promise<{ readonly value: IpAddress } | string> {
  try {
    const found = parseAddress(server) ?? parseAddress((await lookup(server)).address);
    return found === undefined ? 'EINVAL' : { value: found };
  } catch (error) {
    return errorCodeOf(error);
  }
}

function questionFor(options: GenhashOptions, address: IpAddress): HttpQuestion {
  const { fwmark, port, protocol, timeout, url, useSni, useSsl, useVirtualhost: virtualHost } = options;
  return {
    type: 'http',
    connection: { address, port, fwmark, connectTimeout: seconds(timeout) },
    tls: useSsl === true,
    url: { path: url, digest: ANY_DIGEST, statusCodes: [], ...(virtualHost === undefined ? {} : { virtualHost }) },
    protocol: PROTOCOLS[protocol],
    ...(useSni === true && virtualHost !== undefined ? { serverName: virtualHost } : {}),
  };
}

function describe(outcome: Exclude<HttpOutcome, { type: 'replied' }> | Failure, { server, port, timeout }: GenhashOptions): string {
  switch (outcome.type) {
    case 'unknownServer':
      return `There is no server ${server}: ${outcome.code}`;
    case 'timeout':
      return `No answer of ${server} port ${port} within ${timeout} s`;
    case 'unconnected':
      return `Connection to ${server} port ${port} failed: ${outcome.code}`;
    case 'failed':
      return `No page of ${server} port ${port}: ${outcome.failure.type}`;
  }
}

function number(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };
}
