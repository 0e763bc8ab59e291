/** The world failing at a system call or a netlink request. Born in io and turned into events there; never a bug. */

import { getSystemErrorName } from 'node:util';

export class KernelError extends Error {
  override readonly name = 'KernelError';
  /** `ENODEV` and the like: stable, for machines. */
  readonly code: string;
  /** Positive, as in errno.h. */
  readonly errno: number;
  /** What was being done, e.g. `bind` or `add address 192.0.2.1/32`. */
  readonly operation: string;
  /** The kernel's own words (netlink extended acknowledgement), when it gave any. */
  readonly detail: string | undefined;

  /** `errno` may have either sign. */
  constructor(operation: string, errno: number, detail?: string) {
    const code = errorCode(errno);
    super(detail === undefined ? `${operation}: ${code}` : `${operation}: ${code} (${detail})`);
    this.code = code;
    this.errno = Math.abs(errno);
    this.operation = operation;
    this.detail = detail;
  }
}

/** `ENOENT` for 2 or -2; the number as text when the system has no name for it. */
export function errorCode(errno: number): string {
  try {
    return getSystemErrorName(-Math.abs(errno));
  } catch {
    return `errno ${Math.abs(errno)}`;
  }
}

/** The value of a system call, or KernelError when it is a negative errno. */
export function checked(operation: string, result: number): number {
  if (result < 0) throw new KernelError(operation, result);
  return result;
}
