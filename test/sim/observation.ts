/** What the properties watch: everything a host does that others, its kernel or its operator can see. */

import type { IpAddress } from '../../src/base/address.js';
import type { VirtualAddress } from '../../src/vrrp/config.js';
import type { Advert } from '../../src/vrrp/wire/packet.js';
import type { VrrpHost } from './vrrp-host.js';

/** As in the notify FIFO; DEAD before the start and after the process has ended. */
export type Role = 'DEAD' | 'BACKUP' | 'MASTER' | 'FAULT' | 'STOP';

export type Observation =
  | { readonly type: 'roleChanged'; readonly host: VrrpHost; readonly instance: string; readonly from: Role; readonly to: Role }
  | {
      readonly type: 'advertSent';
      readonly host: VrrpHost;
      readonly segment: string;
      readonly source: IpAddress;
      readonly advert: Advert;
    }
  /** An undamaged advert of any sender was given to the machine. */
  | { readonly type: 'advertHeard'; readonly host: VrrpHost; readonly source: IpAddress; readonly virtualRouterId: number }
  | { readonly type: 'announced'; readonly host: VrrpHost; readonly addresses: readonly VirtualAddress[] }
  | {
      readonly type: 'addressesRequested' | 'addressesApplied';
      readonly host: VrrpHost;
      readonly instance: string;
      readonly present: boolean;
      readonly addresses: readonly VirtualAddress[];
    }
  /** The kernel's links or addresses changed, whoever did it. */
  | { readonly type: 'kernelChanged'; readonly host: VrrpHost; readonly interface: string }
  /** The process began; `inherits` when it takes the place of one that died. */
  | { readonly type: 'started'; readonly host: VrrpHost; readonly inherits: boolean }
  /** Paused, stalled, reloaded, its interface changed. */
  | { readonly type: 'interrupted'; readonly host: VrrpHost }
  | { readonly type: 'stopRequested'; readonly host: VrrpHost }
  /** What begins now, up to turnEnded, is the hearing of a datagram that must be refused. */
  | { readonly type: 'rubbishHeard'; readonly host: VrrpHost }
  /** The driver moved its alarm. */
  | { readonly type: 'alarmSet'; readonly host: VrrpHost }
  /** An event has been handled completely. */
  | { readonly type: 'turnEnded'; readonly host: VrrpHost };

/** One property of the system: looks at every observation and fails the world when it does not hold. */
export type Watch = (observation: Observation) => void;
