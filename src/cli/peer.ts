/** `holdfast peer --with SOCKET|URL|FILE`: this director and the other one side by side, and what they disagree about. */

import { readFileSync } from 'node:fs';

import { Command } from 'commander';

import type { Status } from '../control/status.js';
import { errorCodeOf } from '../io/files/files.js';
import { NoAnswer, ask, socketOption, withAnswers } from './control-client.js';
import type { SocketOption } from './control-client.js';
import { comparePeers } from './peer/compare.js';
import type { Comparison } from './peer/compare.js';
import { readSide } from './peer/source.js';
import { DIFFERENCES } from './status.js';

interface PeerOptions extends SocketOption {
  readonly with: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

const AFTER_HELP = `
The other director is reached by what ssh forwards, such as
  ssh -N -L /run/holdfast/other.sock:/run/holdfast/control.sock other    then  holdfast peer --with /run/holdfast/other.sock
or its answer is brought along:
  ssh other holdfast status --json | holdfast peer --with -
Instances are matched by virtual router id and family, servers by name; digests are of what both must share, without secrets.

Exit status: 0 they agree, 1 one of them cannot be asked, 2 a command line that is not understood, 3 they disagree.
`;

export function createPeerCommand(): Command {
  return new Command()
    .description('Shows both directors side by side: roles, configurations, servers, versions, clocks; and what they disagree about.')
    .requiredOption('--with <socket, URL or file>', 'control socket or HTTP address of the other one, or its status as JSON (- = standard input)')
    .option('--token-file <file>', 'with the token that control_http of the other one asks for')
    .option('--json', 'for programs')
    .addOption(socketOption())
    .addHelpText('after', AFTER_HELP)
    .action(({ with: where, tokenFile, json, socket }: PeerOptions) =>
      withAnswers(async () => {
        const there = await readSide(where, tokenFile === undefined ? undefined : tokenIn(tokenFile));
        const comparison = comparePeers(await ask<Status>(socket, '/v1/status'), there);
        process.stdout.write(json === true ? `${JSON.stringify({ version: 1, ...comparison })}\n` : comparisonText(comparison));
        if (comparison.disagreements.length > 0) process.exitCode = DIFFERENCES;
      }),
    );
}

function tokenIn(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new NoAnswer(`${path} cannot be read: ${errorCodeOf(error)}`);
  }
}

function comparisonText({ rows, disagreements }: Comparison): string {
  const all = [{ what: '', here: 'here', there: 'there' }, ...rows];
  const widths = [Math.max(...all.map(({ what }) => what.length)), Math.max(...all.map(({ here }) => here.length))] as const;
  const lines = all.map(({ what, here, there }) => `${what.padEnd(widths[0])}  ${here.padEnd(widths[1])}  ${there}`.trimEnd());
  const verdict = disagreements.length === 0 ? ['They agree.'] : ['They disagree:', ...disagreements.map((text) => `  ${text}`)];
  return `${[...lines, '', ...verdict].join('\n')}\n`;
}
