/** What a program on the bus may ask the daemon for. */

export type DbusRequest =
  | { readonly action: 'printData' | 'printStats' | 'printStatsClear' | 'reload' }
  /** Announces the addresses of an instance once more, if it is master. */
  | { readonly action: 'sendGarp'; readonly instance: string };

export type Request = (request: DbusRequest) => void;

/** Undefined for anything else. */
export function readDbusRequest(value: unknown): DbusRequest | undefined {
  if (typeof value !== 'object' || value === null || !('action' in value)) return undefined;
  const { action } = value;
  switch (action) {
    case 'printData':
    case 'printStats':
    case 'printStatsClear':
    case 'reload':
      return { action };
    case 'sendGarp':
      return 'instance' in value && typeof value.instance === 'string' ? { action, instance: value.instance } : undefined;
    default:
      return undefined;
  }
}
