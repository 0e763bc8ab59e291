/** keepalived's two D-Bus interfaces as the library wants them; what their methods do is asked of `request`. */

import { interface as library } from '@jellybrick/dbus-next';

import type { Request } from './request.js';

/** keepalived's numbers and words of the property State and the signal VrrpStatusChange. */
export const DBUS_STATES = {
  INIT: [0, 'Init'],
  BACKUP: [1, 'Backup'],
  MASTER: [2, 'Master'],
  FAULT: [3, 'Fault'],
  DELETED: [97, 'Deleted'],
  STOP: [98, 'Stop'],
} as const;

export type DbusState = keyof typeof DBUS_STATES;

/** org.keepalived.Vrrp1.Vrrp. */
export class DaemonObject extends library.Interface {
  readonly #request: Request;

  constructor(request: Request) {
    super('org.keepalived.Vrrp1.Vrrp');
    this.#request = request;
  }

  @library.method()
  PrintData(): void {
    this.#request({ action: 'printData' });
  }

  @library.method()
  PrintStats(): void {
    this.#request({ action: 'printStats' });
  }

  @library.method()
  PrintStatsClear(): void {
    this.#request({ action: 'printStatsClear' });
  }

  @library.method()
  ReloadConfig(): void {
    this.#request({ action: 'reload' });
  }

  @library.signal()
  VrrpStarted(): void {
    // The library sends the signal when this returns; so for the others.
  }

  @library.signal()
  VrrpReloaded(): void {
    // A signal.
  }

  @library.signal()
  VrrpStopped(): void {
    // A signal.
  }
}

/** org.keepalived.Vrrp1.Instance. */
export class InstanceObject extends library.Interface {
  readonly #name: string;
  readonly #request: Request;
  #state: DbusState = 'INIT';

  constructor(name: string, request: Request) {
    super('org.keepalived.Vrrp1.Instance');
    this.#name = name;
    this.#request = request;
  }

  @library.property({ signature: '(s)', access: 'read' })
  get Name(): readonly [string] {
    return [this.#name];
  }

  @library.property({ signature: '(us)', access: 'read' })
  get State(): readonly [number, string] {
    return DBUS_STATES[this.#state];
  }

  @library.method()
  SendGarp(): void {
    this.#request({ action: 'sendGarp', instance: this.#name });
  }

  @library.signal({ signature: 'u' })
  VrrpStatusChange(): number {
    return DBUS_STATES[this.#state][0];
  }

  /** Tells the bus where that is another state than before. */
  enter(state: DbusState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.VrrpStatusChange();
    library.Interface.emitPropertiesChanged(this, { State: this.State });
  }

  /** The state at the beginning: nobody has to be told. */
  begin(state: DbusState): this {
    this.#state = state;
    return this;
  }
}
