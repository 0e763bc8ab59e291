/** Reads the configuration for the supervisor and for --config-test: the same findings and the same verdict for both. */

import { randomInt } from 'node:crypto';
import { cpus, hostname } from 'node:os';

import { given } from '../../base/given.js';
import type { Diagnostic } from '../../base/source.js';
import { formatDiagnostic } from '../../base/source.js';
import { micros, milliseconds, seconds } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import { loadConfiguration } from '../../conf/load.js';
import type { LoadOptions } from '../../conf/load.js';
import type { GlobalConfig, Model } from '../../conf/model.js';
import { isFatal, keepalivedStatus, testStatus } from '../../conf/verdict.js';
import { writeReport } from '../../io/files/files.js';
import { readInterfaces } from '../../io/netlink/interface-facts.js';
import type { InterfaceAbilities } from '../../io/netlink/interface-facts.js';
import { KernelError } from '../../io/kernel-error.js';
import { enterNetworkNamespace } from '../../io/sockets/native-socket.js';
import { namespacePath } from '../../io/network-namespace.js';
import { interfaceNames, readNameFiles, readSource } from '../../io/files/source-files.js';
import type { Child } from '../../runtime/children-events.js';
import type { PoolConfig } from '../../health/config.js';
import type { DirectorConfig } from '../../vrrp/config.js';
import { openMachine } from './machine.js';
import type { Options } from '../start/options.js';

/** keepalived's exit statuses. */
const BAD_CONFIGURATION = 2;
const NO_CONFIGURATION = 6;

export interface Configuration {
  /** Undefined when there is nothing to run with. */
  readonly model: Model | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Every file read, in order. */
  readonly files: readonly string[];
  /** Their texts, where config_save_dir wants them. */
  readonly texts?: readonly { readonly path: string; readonly text: string }[];
}

/** Facts of this machine that findings depend on; without them nothing that needs them is judged. */
export function hostFacts(): LoadOptions {
  const abilities = interfaceAbilities();
  return {
    interfaces: interfaceNames(),
    describeInterface: (name) => abilities.get(name),
    processors: cpus().length,
    readNameFiles,
    host: openMachine(),
  };
}

/** Nothing where the kernel does not tell: interfaces are taken for Ethernets then. */
function interfaceAbilities(): ReadonlyMap<string, InterfaceAbilities> {
  try {
    return readInterfaces();
  } catch (error) {
    if (error instanceof KernelError) return new Map();
    throw error;
  }
}

/** What lines that begin with @ are held against: the given id, or the first label of the host's name. */
export function configurationIdOf(configId: string | undefined): string {
  return configId ?? hostname().replace(/\..*$/s, '');
}

/** What the text of a configuration may refer to: conditions, environment, random numbers. */
export function textOptions(configId: string | undefined): LoadOptions {
  return {
    configurationId: configurationIdOf(configId),
    environment: process.env,
    randomSeed: randomInt(2 ** 32),
  };
}

const STUCK = milliseconds(500);
/** Without short intervals nothing hurries. */
const LONGEST_PATIENCE = seconds(2.5);
/** The checkers' silence: so long, and so much for each server beyond the first thousand. */
const CHECKERS_STUCK = seconds(3);
const MANY_SERVERS = 1000;
const SERVER_PATIENCE = milliseconds(0.5);

/**
 * Whatever is wrong with the files is a diagnostic. Relative includes start at the including file. A process that reads of a
 * network namespace is in it afterwards, for good, since that is where the interfaces are. Throws KernelError when it may not.
 */
export function readConfiguration(options: Options): Configuration {
  const here = readFiles(options, hostFacts());
  if (namespaceEntered || (options.networkNamespace === undefined && !here.mentionsNamespace)) return here.configuration;
  // Without this machine's interfaces: they are others there.
  const wanted = options.networkNamespace ?? readFiles(options, {}).configuration.model?.global.networkNamespace;
  if (wanted === undefined) return here.configuration;
  try {
    enterNetworkNamespace(namespacePath(wanted));
  } catch (error) {
    // What stands in the file has been found wrong with its place.
    if (options.networkNamespace === undefined && error instanceof KernelError && error.code === 'ENOENT') return here.configuration;
    throw error;
  }
  namespaceEntered = true;
  return readFiles(options, hostFacts()).configuration;
}

/** Once in one, a process stays there: a reload that names another is refused. */
let namespaceEntered = false;

function readFiles(
  options: Options,
  host: LoadOptions,
): { readonly configuration: Configuration; readonly mentionsNamespace: boolean } {
  const files: string[] = [];
  const texts: { readonly path: string; readonly text: string }[] = [];
  let mentionsNamespace = false;
  const loaded = loadConfiguration(
    (pattern, directory) => {
      const found = readSource(pattern, directory);
      files.push(...found.map(({ path }) => path));
      texts.push(...found.filter((file) => 'text' in file));
      mentionsNamespace ||= found.some((file) => 'text' in file && file.text.includes('net_namespace'));
      return found;
    },
    options.configurationFile,
    { ...host, ...textOptions(options.configId), ...given({ networkNamespace: options.networkNamespace }), includeCheck: options.includeCheck },
  );
  const wanted = loaded.model?.global.files?.saveDirectory !== undefined;
  return { configuration: { ...loaded, files, ...(wanted ? { texts } : {}) }, mentionsNamespace };
}

/** What a reload cannot change, in keepalived's words; undefined when all is well. */
export function unchangeable(before: GlobalConfig, after: GlobalConfig): string | undefined {
  if (before.networkNamespace !== after.networkNamespace) return 'network namespace';
  if (JSON.stringify(before.ipvsNamespace) !== JSON.stringify(after.ipvsNamespace)) return 'IPVS namespace';
  return before.instanceName === after.instanceName ? undefined : 'instance name';
}

/** The model, if the daemon may go on with it at `when`; otherwise the status keepalived ends with. */
export function judgeConfiguration(
  configuration: Configuration,
  when: 'start' | 'reload',
): { readonly model: Model } | { readonly status: number } {
  const { model, diagnostics, files } = configuration;
  if (files.length === 0) return { status: NO_CONFIGURATION };
  if (model === undefined || diagnostics.some((diagnostic) => isFatal(diagnostic, when))) {
    const unreadable = testStatus(diagnostics) === NO_CONFIGURATION;
    return { status: unreadable ? NO_CONFIGURATION : BAD_CONFIGURATION };
  }
  return { model };
}

/** The children this configuration has work for, within what the command line allows. */
export function childrenFor(
  model: Model,
  options: Pick<Options, 'runCheckers' | 'runVrrp' | 'runBfd' | 'runUnconfigured'>,
): readonly Child[] {
  const children: Child[] = [];
  const { runCheckers, runVrrp, runBfd, runUnconfigured } = options;
  if (runCheckers && (runUnconfigured || model.pool.virtualServers.length > 0 || model.pool.syncDaemon !== undefined)) children.push('checkers');
  if (runVrrp && (runUnconfigured || model.director.instances.length > 0)) children.push('vrrp');
  if (runBfd && (runUnconfigured || model.bfd.sessions.length > 0)) children.push('bfd');
  return children;
}

/** What a process of ours may need from fork to its first advert on a machine that has much else to do. */
const COLD_START = seconds(2);

/**
 * Whether a VRRP process that dies may have to be replaced faster than one can be started: when it has not begun to speak
 * after two intervals, the supervisor says goodbye in its place.
 */
export function needsSpare({ instances }: DirectorConfig): boolean {
  return instances.some(({ advertInterval }) => 2 * advertInterval <= COLD_START);
}

/**
 * How long the VRRP process may be silent before it is taken for stuck and replaced: the shortest advert interval and half
 * a second, so that with intervals of 1 s the others have not given up on us when the next process goes on.
 */
export function patienceWith({ instances }: DirectorConfig): Micros {
  const shortest = Math.min(...instances.map(({ advertInterval }) => advertInterval), LONGEST_PATIENCE);
  return micros(shortest + STUCK);
}

/** The same of the checkers: three seconds, and more for pools so large that putting them together takes a while. */
export function patienceWithPool({ virtualServers }: PoolConfig): Micros {
  const servers = virtualServers.reduce((count, { realServers }) => count + realServers.length, 0);
  return micros(CHECKERS_STUCK + Math.max(0, servers - MANY_SERVERS) * SERVER_PATIENCE);
}

/**
 * reload_check_config: true when keepalived's `-t` would find nothing in it. What was found is in the file then, which is
 * emptied first. The error's code when that cannot be written.
 */
export function passesTrial({ diagnostics }: Configuration, logFile: string): boolean | string {
  const text = diagnostics.map((diagnostic) => `${formatDiagnostic(diagnostic)}\n`).join('');
  return writeReport(logFile, text, { append: false }) ?? keepalivedStatus(diagnostics) === 0;
}
