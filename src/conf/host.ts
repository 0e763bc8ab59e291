/**
 * What the reader asks of the machine besides files of configuration: files that scripts and keys are in, accounts,
 * interfaces. The daemon answers from the system; nothing here looks for itself.
 */

export interface PathFacts {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** Of a link: where it points, as it is written there. */
  readonly target?: string;
  readonly uid: number;
  readonly gid: number;
  /** Permission bits, the sticky bit included (07777). */
  readonly mode: number;
}

export interface AccountFacts {
  readonly uid: number;
  /** Main group first, then the supplementary ones. */
  readonly groups: readonly number[];
}

export interface HostFacts {
  /** Of the path itself, not of what a link points to; undefined when there is none or it may not be looked at. */
  readonly path: (path: string) => PathFacts | undefined;
  /** Undefined when there is no such user or group. */
  readonly account: (user: string, group?: string) => AccountFacts | undefined;
  /** Whose scripts run without an account of their own. */
  readonly ownAccount: AccountFacts;
  /** Directories that programs without a slash are looked up in, in order. */
  readonly searchPath: readonly string[];
  /** The content of a small file; undefined when it cannot be read. */
  readonly content: (path: string) => Uint8Array | undefined;
}

/** What decides which protocol an interface can carry. */
export interface InterfaceFacts {
  /** IFF_MULTICAST. */
  readonly multicast: boolean;
  /** ARPHRD_ETHER. */
  readonly ethernet: boolean;
  /** A device that use_vmac or use_ipvlan may take over, or that is a routing domain. */
  readonly kind?: 'macvlan' | 'ipvlan' | 'vrf';
}
