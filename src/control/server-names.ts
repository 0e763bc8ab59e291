/** How operators may call a real or virtual server, and how it is called where room is short. */

/** `[192.0.2.11]:tcp:80` by itself, by its address, and by address and port. */
export function isCalled(name: string, wanted: string): boolean {
  if (name === wanted) return true;
  const [, address, port] = /^\[(.+)\]:\w+:(\d+)$/.exec(name) ?? [];
  return address !== undefined && [address, `${address}:${port ?? ''}`, `[${address}]:${port ?? ''}`].includes(wanted);
}

/** `192.0.2.11:80` for `[192.0.2.11]:tcp:80`; the brackets of IPv6 stay. */
export function shortName(name: string): string {
  const [, address, port] = /^\[(.+)\]:\w+:(\d+)$/.exec(name) ?? [];
  if (address === undefined) return name;
  return address.includes(':') ? `[${address}]:${port ?? ''}` : `${address}:${port ?? ''}`;
}
