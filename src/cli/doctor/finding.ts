/** One thing about the host that does not suit the configuration, with how to mend it now and for good. */

import { readFileSync } from 'node:fs';

export interface HostFinding {
  /** Stable name. */
  readonly id: string;
  /** `error`: it will not work; `warning`: it will burn somebody one day; `info`: to be known. */
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  /** What to do now, as a command or in words. */
  readonly fix?: string;
  /** What to do so that it is so after the next start of the machine. */
  readonly permanent?: string;
  /** What --fix may do by itself: it harms nothing that works. */
  readonly safe?: SafeFix;
}

export type SafeFix =
  /** A file below /proc/sys. */
  | { readonly type: 'setting'; readonly path: string; readonly value: string }
  | { readonly type: 'module'; readonly module: string };

/** As sysctl(8) names it, without its dots in interface names: `net/ipv4/conf/eth0.10/rp_filter`. Undefined where it is not. */
export function readSetting(path: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${path}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

const SYSCTL_FILE = '/etc/sysctl.d/90-holdfast.conf';

/** A finding that one setting mends. */
export function settingFinding(
  { id, severity, message, path, value, safe = true }: Pick<HostFinding, 'id' | 'severity' | 'message'> & { readonly path: string; readonly value: string; readonly safe?: boolean },
): HostFinding {
  // sysctl takes slashes, and only with them a dot may be part of a name.
  return {
    id,
    severity,
    message,
    fix: `sysctl -w ${path}=${value}`,
    permanent: `echo '${path} = ${value}' >> ${SYSCTL_FILE}`,
    ...(safe ? { safe: { type: 'setting' as const, path, value } } : {}),
  };
}
