/** Lines that wait for their sink: bounded in bytes, the newest dropped and counted when full. */

export class LogQueue {
  readonly #limit: number;
  readonly #lines: Buffer[] = [];
  #head = 0;
  #bytes = 0;
  #dropped = 0;

  /** `limit`: bytes that may wait. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get empty(): boolean {
    return this.#bytes === 0;
  }

  /** False when it was dropped. */
  push(line: Buffer): boolean {
    if (this.#bytes + line.length > this.#limit) {
      this.#dropped += 1;
      return false;
    }
    this.#lines.push(line);
    this.#bytes += line.length;
    return true;
  }

  /** Counts `lines` that were lost after they had left the queue. */
  lose(lines: number): void {
    this.#dropped += lines;
  }

  /** The oldest line; undefined when there is none. */
  first(): Buffer | undefined {
    return this.#lines[this.#head];
  }

  /** Takes `bytes` off the front: whole lines, or a part of the first one. */
  advance(bytes: number): void {
    this.#bytes -= bytes;
    let rest = bytes;
    for (let line = this.first(); line !== undefined && rest > 0; line = this.first()) {
      if (line.length > rest) {
        this.#lines[this.#head] = line.subarray(rest);
        return;
      }
      rest -= line.length;
      this.#head += 1;
    }
    if (this.#head === this.#lines.length || this.#head > 1_024) {
      this.#lines.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** The oldest lines, as many as fit into `limit` bytes and at least one; undefined when there is none. */
  batch(limit: number): Buffer | undefined {
    const first = this.first();
    if (first === undefined) return undefined;
    let end = this.#head + 1;
    let size = first.length;
    for (let line = this.#lines[end]; line !== undefined && size + line.length <= limit; line = this.#lines[end]) {
      size += line.length;
      end += 1;
    }
    return end === this.#head + 1 ? first : Buffer.concat(this.#lines.slice(this.#head, end), size);
  }

  /** How many were dropped since this was last asked. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  clear(): void {
    this.#lines.length = 0;
    this.#head = 0;
    this.#bytes = 0;
  }
}
