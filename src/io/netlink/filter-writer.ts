/**
 * One writer's way to the packet filter: opened when it is first needed, and again after it could not be. What the kernel refuses is
 * told once; trying again is the writer's business.
 */

import { KernelError } from '../kernel-error.js';
import { type Netfilter, openNetfilter } from './netfilter.js';
import type { NetlinkRequest } from './netlink-messages.js';

export class FilterWriter {
  readonly #tellRefusal: (reason: string) => void;
  readonly #open: () => Netfilter;
  #netfilter: Netfilter | undefined;
  #refused: string | undefined;

  /** `open` throws KernelError. */
  constructor(tellRefusal: (reason: string) => void, open: () => Netfilter = openNetfilter) {
    this.#tellRefusal = tellRefusal;
    this.#open = open;
  }

  /** Undefined while it is not open. */
  get netfilter(): Netfilter | undefined {
    return this.#netfilter;
  }

  /** False when the last attempt failed. */
  get isAccepted(): boolean {
    return this.#refused === undefined;
  }

  /** One transaction; answers whether the kernel has taken it. */
  readonly perform = (requests: readonly NetlinkRequest[]): boolean => this.attempt((netfilter) => netfilter.perform(requests));

  /** Answers whether it went well: neither `run` nor the opening answered an error. */
  attempt(run: (netfilter: Netfilter) => KernelError | undefined): boolean {
    let error: KernelError | undefined;
    try {
      this.#netfilter ??= this.#open();
      error = run(this.#netfilter);
    } catch (thrown) {
      if (!(thrown instanceof KernelError)) throw thrown;
      error = thrown;
    }
    if (error !== undefined && error.message !== this.#refused) this.#tellRefusal(error.message);
    this.#refused = error?.message;
    return error === undefined;
  }

  close(): void {
    this.#netfilter?.close();
    this.#netfilter = undefined;
  }
}
