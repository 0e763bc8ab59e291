/**
 * Keeps the timeouts and sync daemons of IPVS as wanted: looks, puts right what differs, looks again every second while
 * anything is wanted, and in the end puts back what was there. What differs is decided in ipvs/settings.ts.
 */

import { IPVS_FAMILY, type IpvsMessage } from '../../ipvs/messages.js';
import { decodeDaemon, decodeTimeouts, encodeDaemonDump, encodeSettingsOp, encodeTimeoutsQuery } from '../../ipvs/settings-messages.js';
import {
  type ActualSettings,
  EMPTY_LEDGER,
  NO_SETTINGS,
  type SettingsLedger,
  type SettingsNote,
  type SettingsOp,
  type SyncDaemon,
  type WantedSettings,
  halfDone,
  isSettled,
  planSettings,
} from '../../ipvs/settings.js';
import { genericAttributes, genericPayload, resolveFamily } from './generic-netlink.js';
import { KernelError } from '../kernel-error.js';
import { FLAG, type NetlinkRequest } from './netlink-messages.js';
import { PROTOCOL } from './netlink-socket.js';
import { NetlinkRequester } from './netlink.js';

/** Milliseconds. */
const LOOK_EVERY = 1000;

export interface IpvsSettings {
  readonly configure: (wanted: WantedSettings) => void;
  /** Puts everything back, or with `keep` leaves all as it is; then calls back, whatever came of it. */
  readonly release: (keep: boolean, done: () => void) => void;
}

/** Opens its socket in the network namespace of the moment. Throws KernelError. */
export function openIpvsSettings(onNote: (note: SettingsNote) => void): IpvsSettings {
  return new Settings(onNote);
}

class Settings implements IpvsSettings {
  readonly #requester = new NetlinkRequester(PROTOCOL.generic);
  readonly #onNote: (note: SettingsNote) => void;
  readonly #refused = new Map<string, string>();
  #wanted = NO_SETTINGS;
  #ledger: SettingsLedger = EMPTY_LEDGER;
  /** What was wanted when the kernel last had all of it. */
  #reached: WantedSettings | undefined;
  #busy = false;
  #again = false;
  #timer: NodeJS.Timeout | undefined;
  #released: (() => void) | undefined;

  constructor(onNote: (note: SettingsNote) => void) {
    this.#onNote = onNote;
  }

  readonly configure = (wanted: WantedSettings): void => {
    if (this.#released !== undefined || JSON.stringify(wanted) === JSON.stringify(this.#wanted)) return;
    this.#wanted = wanted;
    this.#run();
  };

  readonly release = (keep: boolean, done: () => void): void => {
    if (this.#released !== undefined) return;
    let over = false;
    this.#released = () => {
      if (over) return;
      over = true;
      clearTimeout(this.#timer);
      // Answers what is still open, which ends here again.
      this.#requester.close();
      done();
    };
    if (keep) {
      this.#released();
      return;
    }
    this.#wanted = NO_SETTINGS;
    this.#run();
  };

  #run(): void {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    if (isSettled(this.#wanted, this.#ledger)) {
      this.#released?.();
      return;
    }
    this.#busy = true;
    this.#again = false;
    resolveFamily(this.#requester, IPVS_FAMILY.name, (family) => {
      // Without ip_vs there is nothing to set; that it is missing is told by whoever keeps the tables.
      if (family instanceof KernelError) this.#over();
      else this.#look(family, (actual) => this.#putRight(family, actual));
    });
  }

  #look(family: number, seen: (actual: ActualSettings) => void): void {
    this.#requester.query(request(family, encodeTimeoutsQuery(), 0), (answer) => {
      const [message] = answer.ok ? answer.messages : [];
      const timeouts = message === undefined ? undefined : decodeTimeouts(genericAttributes(message.data));
      if (timeouts?.ok !== true) {
        this.#over();
        return;
      }
      this.#requester.query(request(family, encodeDaemonDump(), FLAG.dump), (dump) => {
        if (!dump.ok) {
          this.#over();
          return;
        }
        const daemons: SyncDaemon[] = [];
        for (const { data } of dump.messages) {
          const daemon = decodeDaemon(genericAttributes(data));
          if (daemon.ok) daemons.push(daemon.value);
        }
        seen({ timeouts: timeouts.value, daemons });
      });
    });
  }

  #putRight(family: number, actual: ActualSettings): void {
    const wanted = this.#wanted;
    const { ops, ledger } = planSettings(wanted, actual, this.#ledger);
    const drift = this.#reached === wanted;
    const before = this.#ledger;
    this.#requester.batch(
      ops.map((op) => request(family, encodeSettingsOp(op), 0)),
      (errors) => {
        for (const [index, op] of ops.entries()) this.#report(op, errors[index], drift);
        const isDone = errors.every((error) => error === undefined);
        this.#ledger = isDone ? ledger : halfDone(before, ledger);
        this.#reached = isDone ? wanted : undefined;
        this.#over();
      },
    );
  }

  #report(op: SettingsOp, error: KernelError | undefined, drift: boolean): void {
    const key = 'daemon' in op ? `${op.type} ${op.daemon.role}` : op.type;
    if (error === undefined) {
      this.#refused.delete(key);
      this.#onNote({ type: 'settingChanged', op, drift });
      return;
    }
    if (this.#refused.get(key) === error.code) return;
    this.#refused.set(key, error.code);
    this.#onNote({ type: 'settingRefused', op, code: error.code, errno: error.errno });
  }

  #over(): void {
    this.#busy = false;
    if (this.#again) this.#run();
    else if (this.#released !== undefined) this.#released();
    else if (!isSettled(this.#wanted, this.#ledger)) this.#timer = setTimeout(() => this.#run(), LOOK_EVERY);
  }
}

function request(family: number, { command, bytes }: IpvsMessage, flags: number): NetlinkRequest {
  return { type: family, flags, payload: genericPayload(command, IPVS_FAMILY.version, bytes), operation: 'ipvs settings' };
}
