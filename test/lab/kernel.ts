/**
 * Which kernel a lab runs in and how it is started: the host's own inside fresh namespaces when that kernel has ip_vs,
 * else user-mode Linux, a whole kernel as one ordinary process whose root is the host's. What that one lacks, such as address
 * translation by nf_tables, Debian's kernel has, in an emulated machine. Benchmarks may ask for a newer user-mode Linux, whose
 * processes hand their system calls and page faults over by seccomp instead of being traced: closer to a kernel on hardware.
 * Nothing runs here yet.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KERNELS = ['host', 'uml', 'uml-seccomp', 'machine'] as const;

export type LabKernel = (typeof KERNELS)[number];

/** One way to start a lab: a program that ends when the lab ends, its environment, and where the lab's words come out. */
export interface KernelCommand {
  readonly program: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface KernelRequest {
  readonly kernel: LabKernel;
  /** The host's directory of this run: holds `init` and `command`, receives `status`. No spaces in its path. */
  readonly runDirectory: string;
  /** True when a person types into the lab: the caller's terminal becomes the lab's. */
  readonly terminal: boolean;
  /** Megabytes of memory of a kernel that is not the host's; only what is touched is used. */
  readonly memory: number;
}

/** Modules a lab kernel wants; on the host's kernel those that it lacks are passed over. */
export const LAB_MODULES = ['ipv6', 'ip_vs', 'veth', 'bridge', 'dummy', 'ipip', 'sch_netem', 'nf_tables'] as const;

/** Beside this file's source: dist/test/lab/kernel.js runs. */
const MACHINE = fileURLToPath(new URL('../../../test/lab/machine/start.sh', import.meta.url));

/** Put there by test/lab/seccomp/prepare.sh. */
const UML_WITH_SECCOMP = '/var/cache/holdfast-lab/seccomp/linux.uml';

/** The kernel of that name; without a name as chooseKernel decides. Throws on any other word. */
export function kernelNamed(name: string | undefined): LabKernel {
  if (name === undefined) return chooseKernel();
  const kernel = KERNELS.find((each) => each === name);
  if (kernel === undefined) throw new Error(`no such kernel: ${name}; there are ${KERNELS.join(', ')}`);
  return kernel;
}

/** Looks whether the host's kernel has ip_vs, loading the module if it can be; decided by looking, not by configuration. */
export function chooseKernel(): LabKernel {
  if (!existsSync('/proc/net/ip_vs')) spawnSync('modprobe', ['-q', 'ip_vs'], { stdio: 'ignore' });
  return existsSync('/proc/net/ip_vs') && spawnSync('ipvsadm', ['-Ln'], { stdio: 'ignore' }).status === 0 ? 'host' : 'uml';
}

/**
 * The command line of a lab. All its processes die with the one that starts it, whatever kills that: `setpriv` asks for
 * the parent's death signal, `unshare` hands it to the first process of a PID namespace, whose end is the end of all.
 * The lab's output is that program's stdout; the kernel's own console is its stderr.
 */
export function kernelCommand(request: KernelRequest): KernelCommand {
  const init = join(request.runDirectory, 'init');
  const bound = ['--pdeathsig', 'KILL', '--', 'unshare', '--pid', '--fork', '--kill-child'];
  if (request.kernel === 'host') {
    const namespaces = ['--mount', '--mount-proc', '--net', '--ipc', '--uts'];
    return { program: 'setpriv', words: [...bound, ...namespaces, init], environment: {} };
  }
  if (request.kernel === 'machine') {
    const environment = { LAB_RUN: request.runDirectory, LAB_MEMORY: String(request.memory), LAB_MEMORY_DIRECTORY: memoryDirectory(request.memory) };
    return { program: 'setpriv', words: [...bound, 'sh', MACHINE], environment };
  }
  const console = request.terminal
    ? // Kernel messages and those of syslog go to the console, which is then not the terminal.
      ['con=null', 'con0=fd:0,fd:1', 'ssl=null', 'console=ttyS0']
    : ['con=null', 'con0=null,fd:2', 'ssl=null', 'ssl0=null,fd:1'];
  const root = ['rootfstype=hostfs', 'rootflags=/', 'ro', `init=${init}`, `mem=${request.memory}M`];
  const identity = [`uml_dir=${request.runDirectory}/`, 'umid=kernel'];
  const kernel = request.kernel === 'uml' ? ['linux.uml'] : [UML_WITH_SECCOMP, 'seccomp=on'];
  return {
    program: 'setpriv',
    words: [...bound, ...kernel, ...root, ...identity, ...console, 'quiet'],
    environment: { TMPDIR: memoryDirectory(request.memory) },
  };
}

/** The kernel's memory is a file, best in /dev/shm, which is tiny in many containers. */
function memoryDirectory(memory: number): string {
  if (!existsSync('/dev/shm')) return tmpdir();
  const room = statfsSync('/dev/shm');
  return room.bavail * room.bsize > memory * 1024 * 1024 ? '/dev/shm' : tmpdir();
}
