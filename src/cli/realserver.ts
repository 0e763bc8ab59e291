/** `holdfast realserver up|down|check VIP...`: the real server's side of DR and TUN, on machines without the daemon. */

import { Command, InvalidArgumentError, Option } from 'commander';

import { parseAddress } from '../base/address.js';
import type { IpAddress } from '../base/address.js';
import { ChangeError, bringUp, takeDown } from './realserver/change.js';
import type { Changing } from './realserver/change.js';
import { problemsOf } from './realserver/check.js';
import { DEFAULT_LEDGER, LedgerError, readLedger, writeLedger } from './realserver/ledger.js';
import { GUE_PORT, METHODS } from './realserver/methods.js';
import type { Method } from './realserver/methods.js';
import { FINDINGS } from './status.js';

interface UpOptions {
  readonly method: Method;
  readonly port: number;
  readonly state: string;
}

interface CheckOptions {
  readonly method?: Method;
  readonly port?: number;
  readonly state: string;
  readonly json?: true;
}

const HELP = `
dr: the address on lo, and ARP neither answered nor asked in its name (lb_kind DR). ipip, gre, gue: on the tunnel device that takes
what the director wraps (lb_kind TUN and its type), with a loose reverse path filter there, and for gue an open UDP port. up does
what is not done yet and may be said again; down undoes exactly what up did, as --state has it; check changes nothing. The services
must listen on the address, or on all. IPv4 and IPv6; ip (iproute2) must be installed.

Exit status: 0 done or in order, 1 refused or not in order, 2 a command line that is not understood.
`;

export function createRealServerCommand(): Command {
  const command = new Command().description("Makes this host a real server by direct routing or tunnel: the other end of a director's DR and TUN.").addHelpText('after', HELP);
  const state = (): Option => new Option('--state <file>', 'where it is written what up has changed').default(DEFAULT_LEDGER);
  const method = (): Option => new Option('--method <method>', 'as the director forwards').choices(METHODS);
  const port = (): Option => new Option('--port <port>', 'UDP port of gue').argParser(readPort);
  command
    .command('up')
    .description('takes packets for these addresses')
    .argument('<vip...>', 'service addresses', readAddresses)
    .addOption(method().default('dr'))
    .addOption(port().default(GUE_PORT))
    .addOption(state())
    .exitOverride()
    .action((addresses: readonly IpAddress[], options: UpOptions) => withReasons(() => up(addresses, options)));
  command
    .command('down')
    .description('takes them no longer; everything is as it was')
    .argument('<vip...>', 'service addresses', readAddresses)
    .addOption(state())
    .exitOverride()
    .action((addresses: readonly IpAddress[], { state: path }: Pick<UpOptions, 'state'>) => withReasons(() => addresses.forEach((address) => takeDown(address, changing(path)))));
  command
    .command('check')
    .description('says what is wrong')
    .argument('<vip...>', 'service addresses', readAddresses)
    .addOption(method())
    .addOption(port())
    .addOption(state())
    .option('--json', 'for programs')
    .exitOverride()
    .action((addresses: readonly IpAddress[], options: CheckOptions) => withReasons(() => check(addresses, options)));
  return command;
}

function up(addresses: readonly IpAddress[], { method, port, state }: UpOptions): void {
  for (const address of addresses) bringUp(address, method, port, changing(state));
}

function changing(path: string): Changing {
  return {
    ledger: () => readLedger(path),
    keep: (ledger) => writeLedger(path, ledger),
    tell: (text) => void process.stdout.write(`${text}\n`),
  };
}

/** By the method that is asked for, or that up was told, or dr. */
function check(addresses: readonly IpAddress[], { method, port, state, json }: CheckOptions): void {
  const { served } = readLedger(state);
  const results = addresses.map((address) => {
    const known = served.find((one) => one.address === address);
    const by = method ?? known?.method ?? 'dr';
    return { address, method: by, problems: problemsOf(address, by, port ?? known?.port ?? GUE_PORT) };
  });
  if (json === true) process.stdout.write(`${JSON.stringify({ version: 1, addresses: results })}\n`);
  else {
    for (const { address, method: by, problems } of results) {
      process.stdout.write(`${address} by ${by}: ${problems.length === 0 ? 'in order' : `${problems.length} wrong`}\n`);
      for (const { message, fix } of problems) process.stdout.write(`  ${message}\n      ${fix}\n`);
    }
  }
  if (results.some(({ problems }) => problems.length > 0)) process.exitCode = FINDINGS;
}

function withReasons(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ChangeError) && !(error instanceof LedgerError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = FINDINGS;
  }
}

function readAddresses(text: string, before: readonly IpAddress[] = []): readonly IpAddress[] {
  const address = parseAddress(text);
  if (address === undefined) throw new InvalidArgumentError('It must be an address.');
  return [...before, address];
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new InvalidArgumentError('It must be a port from 1 to 65535.');
  return port;
}
