/** `holdfast release [FILE]`: removes from the kernel what a daemon that was killed has left there, when no other runs. */

import { Command } from 'commander';

import { given } from '../base/given.js';
import type { Model } from '../conf/model.js';
import { awaitFormerGuardian } from '../daemon/children/guardian.js';
import { DEFAULT_CONFIGURATION_FILE } from '../daemon/start/options.js';
import { pidFilePath } from '../daemon/start/process-names.js';
import { openAddresses } from '../io/netlink/addresses.js';
import { KernelError } from '../io/kernel-error.js';
import { LinkMonitor } from '../io/netlink/links.js';
import { enterNetworkNamespace } from '../io/sockets/native-socket.js';
import { namespacePath } from '../io/network-namespace.js';
import { isPidFileHeld } from '../io/files/pid-file.js';
import { allBelongings } from '../vrrp/instance/belongings.js';
import type { InstanceConfig } from '../vrrp/config.js';
import { loadText } from './configuration.js';
import { type DaemonOptions, withDaemonOptions } from './running-daemon.js';
import { FINDINGS } from './status.js';

const AFTER_HELP = `
What the configuration gives to masters is removed: virtual addresses, excluded ones, virtual routes and rules; everything else
is left alone. Meant for ExecStopPost of a systemd unit: after an orderly end ($SERVICE_RESULT is "success") nothing is done, because
the daemon has removed what it should, and -V keeps what it should keep. While a daemon with this pid file runs, nothing is
done either. A guardian that is still at work for the dead daemon is waited for: it does the same, and says goodbye first.

Exit status: 0 nothing is left, 1 a daemon runs, the configuration cannot be read or the kernel refused, 2 a command line that
is not understood.
`;

export function createReleaseCommand(): Command {
  return withDaemonOptions(new Command())
    .description('Removes the virtual addresses that a killed daemon has left behind.')
    .argument('[file]', 'the configuration', DEFAULT_CONFIGURATION_FILE)
    .addHelpText('after', AFTER_HELP)
    .action(async (file: string, { configId, pid, namespace }: DaemonOptions) => {
      if (process.env['SERVICE_RESULT'] === 'success') return;
      const { model } = loadText(file, { offline: true, ...given({ configId }) });
      const problem = model === undefined ? `${file} cannot be used: holdfast check says why` : await releaseAll(model, { pid, namespace });
      if (problem === undefined) return;
      process.stderr.write(`${problem}\n`);
      process.exitCode = FINDINGS;
    });
}

/** What is wrong, if anything is. */
async function releaseAll(
  { global, director }: Model,
  { pid, namespace }: { readonly pid: string | undefined; readonly namespace: string | undefined },
): Promise<string | undefined> {
  const name = namespace ?? global.networkNamespace;
  const pidFile = pidFilePath('supervisor', { pidFiles: given({ supervisor: pid }) }, { ...global, ...given({ networkNamespace: name }) });
  if (isPidFileHeld(pidFile)) return `a daemon runs: ${pidFile} is its`;
  try {
    if (name !== undefined) enterNetworkNamespace(namespacePath(name));
    await new Promise<void>((done) => awaitFormerGuardian(pidFile, done));
    return await remove(director.instances);
  } catch (error) {
    if (error instanceof KernelError) return error.message;
    throw error;
  }
}

/** The refusals of the kernel, if there are any. */
function remove(instances: readonly InstanceConfig[]): Promise<string | undefined> {
  const links = new LinkMonitor();
  return new Promise((done) => {
    const refusals: string[] = [];
    let unanswered = instances.length;
    const settle = (): void => {
      if (unanswered > 0) return;
      links.close();
      addresses.close();
      done(refusals.length === 0 ? undefined : refusals.join('\n'));
    };
    const addresses = openAddresses(links, (event) => {
      if (event.type === 'addressesFailed') refusals.push(event.reason);
      unanswered -= 1;
      settle();
    });
    links.start();
    for (const config of instances) {
      const belongings = allBelongings(config);
      for (const { address, interface: on } of belongings.addresses) {
        const isThere = links.find(on)?.addresses.some((present) => present.address === address);
        if (isThere === true) process.stdout.write(`removing ${address} from ${on}\n`);
      }
      addresses.set(config.name, 1, false, belongings);
    }
    settle();
  });
}
