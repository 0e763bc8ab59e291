/** The kernel that runs here, as uname tells it. */

import { release, type, version } from 'node:os';

/** `Linux 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1`. */
export function kernelText(): string {
  return `${type()} ${release()} ${version()}`;
}
