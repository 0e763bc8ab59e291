/** `holdfast doctor [FILE]`: what about this host does not suit the configuration, and how to mend it. Needs no running daemon. */

import { readFileSync, writeFileSync } from 'node:fs';

import { Command } from 'commander';

import { given } from '../base/given.js';
import type { Model } from '../conf/model.js';
import { DEFAULT_CONFIGURATION_FILE } from '../daemon/start/options.js';
import { pidFilePath } from '../daemon/start/process-names.js';
import { errorCodeOf } from '../io/files/files.js';
import { isPidFileHeld } from '../io/files/pid-file.js';
import { runTool } from '../io/processes/tool.js';
import { KernelError } from '../io/kernel-error.js';
import { LinkMonitor } from '../io/netlink/links.js';
import { namespacePath } from '../io/network-namespace.js';
import { enterNetworkNamespace } from '../io/sockets/native-socket.js';
import { loadText } from './configuration.js';
import type { HostFinding, SafeFix } from './doctor/finding.js';
import { readSetting } from './doctor/finding.js';
import { examineFirewall } from './doctor/firewall.js';
import { examineKernel } from './doctor/kernel.js';
import { needsOf } from './doctor/needs.js';
import { examineManagers } from './doctor/network-managers.js';
import { examineLimits, examineNeighbours } from './doctor/surroundings.js';
import { FINDINGS } from './status.js';

interface DoctorOptions {
  readonly configId?: string;
  readonly fix?: true;
  readonly json?: true;
}

/** A finding, and what --fix made of it. */
interface Treated extends HostFinding {
  /** In words, what was done. */
  readonly done?: string;
  readonly failed?: string;
}

const AFTER_HELP = `
Examined: forwarding, redirects, reverse path filter and ARP settings; ip_vs and its settings, connection tracking;
systemd-networkd and NetworkManager; whether the packet filter lets adverts in; who else answers for the virtual addresses (probes
that claim nothing, RFC 5227 and 4862); the clock, where auth_hmac goes by it; MTU and open files. Run it as root. --fix changes
settings of the kernel and loads modules, until the next start of the machine; everything else is only said.

Exit status: 0 nothing is wrong, or all of it was mended (remarks may be printed), 1 something is, or the configuration cannot be
used, 2 a command line that is not understood.
`;

export function createDoctorCommand(): Command {
  return new Command()
    .description('Says what about this host does not suit the configuration, and how to mend it.')
    .argument('[file]', 'the configuration', DEFAULT_CONFIGURATION_FILE)
    .option('-i, --config-id <id>', 'configuration id for lines that begin with @ (default: the host name)')
    .option('--fix', 'mend what can be mended without harm')
    .option('--json', 'for programs')
    .addHelpText('after', AFTER_HELP)
    .action(async (file: string, { configId, fix, json }: DoctorOptions) => {
      const { model } = loadText(file, { offline: false, ...given({ configId }) });
      const findings = model === undefined ? `${file} cannot be used: holdfast check says why` : await examine(model);
      if (typeof findings === 'string') {
        process.stderr.write(`${findings}\n`);
        process.exitCode = FINDINGS;
        return;
      }
      const treated: readonly Treated[] = fix === true ? findings.map(treat) : findings;
      process.stdout.write(json === true ? `${JSON.stringify({ version: 1, file, findings: treated })}\n` : reportText(treated));
      if (treated.some(({ severity, done }) => severity !== 'info' && done === undefined)) process.exitCode = FINDINGS;
    });
}

/** What was found, or what kept it from being looked for. */
async function examine(model: Model): Promise<readonly HostFinding[] | string> {
  const { networkNamespace } = model.global;
  try {
    if (networkNamespace !== undefined) enterNetworkNamespace(namespacePath(networkNamespace));
    const links = new LinkMonitor();
    links.start();
    try {
      const needs = needsOf(model);
      const indexOf = (name: string): number | undefined => links.find(name)?.index;
      return [
        ...examineKernel(needs),
        ...examineManagers(needs, indexOf),
        ...examineFirewall(needs),
        ...(await examineNeighbours(needs, links)),
        ...examineLimits(needs, links, supervisorOf(model)),
      ];
    } finally {
      links.close();
    }
  } catch (error) {
    if (error instanceof KernelError) return error.message;
    throw error;
  }
}

/** The process of a daemon that runs here with this configuration's pid file. */
function supervisorOf({ global }: Model): number | undefined {
  const path = pidFilePath('supervisor', { pidFiles: {} }, global);
  return isPidFileHeld(path) ? Number(readFileSync(path, 'utf8')) : undefined;
}

function treat(finding: HostFinding): Treated {
  const { safe } = finding;
  if (safe === undefined) return finding;
  const outcome = perform(safe);
  return { ...finding, ...outcome };
}

function perform(fix: SafeFix): { readonly done: string } | { readonly failed: string } {
  if (fix.type === 'module') {
    const { status, errors } = runTool('modprobe', [fix.module]);
    return status === 0 ? { done: `loaded ${fix.module}` } : { failed: `modprobe ${fix.module}: ${errors}` };
  }
  const before = readSetting(fix.path);
  try {
    writeFileSync(`/proc/sys/${fix.path}`, fix.value);
  } catch (error) {
    return { failed: `${fix.path} cannot be written: ${errorCodeOf(error)}` };
  }
  return readSetting(fix.path) === fix.value ? { done: `${fix.path} is ${fix.value} now, and was ${before ?? 'not there'}` } : { failed: `${fix.path} does not keep ${fix.value}` };
}

function reportText(findings: readonly Treated[]): string {
  if (findings.length === 0) return 'Nothing about this host stands against the configuration.\n';
  const counts = (['error', 'warning', 'info'] as const).map((severity) => countText(findings.filter((one) => one.severity === severity).length, severity));
  return `${findings.map(findingText).join('')}\n${counts.join(', ')}\n`;
}

/** `1 error`, `2 errors`; info has no plural. */
function countText(count: number, severity: HostFinding['severity']): string {
  return `${count} ${severity}${count === 1 || severity === 'info' ? '' : 's'}`;
}

function findingText({ severity, id, message, fix, permanent, done, failed }: Treated): string {
  const now = done !== undefined ? [`    done: ${done}`] : [...(failed === undefined ? [] : [`    not done: ${failed}`]), ...(fix === undefined ? [] : [`    now: ${fix}`])];
  const later = permanent === undefined ? [] : [`    for good: ${permanent}`];
  return `${[`${severity}: ${message} [${id}]`, ...now, ...later].join('\n')}\n`;
}
