/** `holdfast serve`: the control process as a service of its own, for daemons that are started with --control-service. */

import { Command } from 'commander';

import { runControlService } from '../daemon/service/control-service.js';
import { findAccount } from '../io/processes/script.js';
import { DEFAULT_SOCKET } from './no-answer.js';
import { USAGE_ERROR } from './status.js';

interface ServeOptions {
  readonly feed: string;
  readonly socket: string;
  readonly group: string;
  readonly adminGroup: string;
  readonly logConsole?: true;
}

const DEFAULT_FEED = '/run/holdfast/feed.sock';

const AFTER_HELP = `
Daemons started with --control-service ${DEFAULT_FEED} feed it, one for all or one for each half of a split
service; clients ask it as they ask the control process of a single daemon. holdfast-control.service is made for it: there systemd
opens the sockets (units named *.socket; file descriptors named feed, control, admin and http), and it has no right at all.
Without systemd it makes the sockets as root and gives up its rights then.

Only root can use the feed. The groups are those of the control socket and of the one beside it that takes commands.

Exit status: 0 ended by a signal, 1 a socket cannot be made, 2 a command line that is not understood.
`;

export function createServeCommand(): Command {
  return new Command()
    .description('Answers the control API for daemons of this machine, as a service of its own.')
    .option('--feed <path>', 'socket for daemons', DEFAULT_FEED)
    .option('--socket <path>', 'control socket', DEFAULT_SOCKET)
    .option('--group <group>', 'who may ask, beside root', 'holdfast')
    .option('--admin-group <group>', 'who may command, beside root', 'root')
    .option('-l, --log-console', 'log to the console instead of syslog')
    .addHelpText('after', AFTER_HELP)
    .action(({ feed, socket, group, adminGroup, logConsole }: ServeOptions) => {
      const [groupId, adminGroupId] = [groupIdOf(group), groupIdOf(adminGroup)];
      if (adminGroupId === undefined) {
        process.stderr.write(`There is no group ${adminGroup}.\n`);
        process.exitCode = USAGE_ERROR;
        return;
      }
      runControlService({
        feedPath: feed,
        socketPath: socket,
        // Without its group the socket is root's.
        groupId: groupId ?? 0,
        adminGroupId,
        log: { ident: 'Keepalived_control', detail: true, format: 'text', console: logConsole === true, syslogFacility: logConsole === true ? undefined : DAEMON, file: undefined },
      });
    });
}

/** Undefined where there is no such group. */
function groupIdOf(group: string): number | undefined {
  const account = findAccount({ user: 'root', group });
  return 'code' in account ? undefined : account[GROUP];
}

/** Where the group stands in an account. */
const GROUP = 1;

/** Facility of the system log. */
const DAEMON = 3;
