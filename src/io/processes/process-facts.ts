/** What /proc says of another process of this machine at the moment, and control groups: read and written without waiting. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** When a process began, in ticks since the boot: with its id, what tells it from any other. Undefined when there is none. */
export function processBeginning(pid: number): number | undefined {
  const stat = read(pid, 'stat');
  // proc(5): the name in parentheses may hold some itself; the beginning is field 22, the state after the name field 3.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined ? undefined : Number(fields[22 - 3]);
}

/** Its children, theirs, and so on. */
export function descendantsOf(pid: number): readonly number[] {
  const children = (read(pid, `task/${pid}/children`) ?? '').split(' ').map(Number).filter((child) => child > 0);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Whether it ends with what a service manager takes for the service that this process is of. */
export function isInOurControlGroup(pid: number): boolean {
  return managedGroups('self').join() === managedGroups(pid).join();
}

/** Where systemd mounts the hierarchies by which it knows processes: the unified one, also beside others, and its own of old. */
const MOUNTS = { unified: ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'], own: ['/sys/fs/cgroup/systemd'] } as const;

/** Makes processes members of the service that this process is of. False when the kernel refuses, or there is nowhere to do it. */
export function moveToOurControlGroup(pids: readonly number[]): boolean {
  const files = managedGroups('self').flatMap((line) => {
    const path = line.slice(line.lastIndexOf(':') + 1);
    const mounts = line.startsWith('0:') ? MOUNTS.unified : MOUNTS.own;
    return mounts.map((mount) => join(mount, path, 'cgroup.procs')).filter((file) => existsSync(file)).slice(0, 1);
  });
  try {
    for (const file of files) for (const pid of pids) if (processBeginning(pid) !== undefined) writeFileSync(file, String(pid));
    return files.length > 0;
  } catch {
    return false;
  }
}

/** Lines of /proc/PID/cgroup (cgroups(7)): of those hierarchies. */
function managedGroups(pid: number | 'self'): readonly string[] {
  return (read(pid, 'cgroup') ?? '').split('\n').filter((line) => line.startsWith('0::') || line.includes(':name=systemd:'));
}

function read(pid: number | 'self', file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
