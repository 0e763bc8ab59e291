/** `holdfast health`: one question for probes of containers and monitoring, answered by the exit status. */

import { Argument, Command } from 'commander';

import { NoAnswer, SOCKET_HELP, askHealth, socketOption } from './control-client.js';
import type { SocketOption } from './control-client.js';
import { FINDINGS } from './status.js';

const AFTER_HELP = `
live: the supervisor speaks and no process hangs; when not, start the daemon again. ready: every instance is MASTER or BACKUP,
the addresses of masters are on their interfaces now, and the kernel's IPVS tables are known. The socket answers the same at
GET /livez and /readyz, with 200 or 503.
${SOCKET_HELP}`;

export function createHealthCommand(): Command {
  return new Command()
    .description('Says whether the running daemon lives, and whether it is ready; exit status 0 when it is.')
    .addArgument(new Argument('[what]', 'what to ask').choices(['live', 'ready']).default('ready'))
    .addOption(socketOption())
    .addHelpText('after', AFTER_HELP)
    .action(async (what: 'live' | 'ready', { socket }: SocketOption) => {
      try {
        const { good, text } = await askHealth(socket, `/${what}z`);
        process.stdout.write(text);
        if (!good) process.exitCode = FINDINGS;
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        process.stdout.write(`${error.message}\n`);
        process.exitCode = FINDINGS;
      }
    });
}
