/** How operators may call a real or virtual server. */

/** `[192.0.2.11]:tcp:80` by itself, by its address, and by address and port. */
export function isCalled(name: string, wanted: string): boolean {
  if (name === wanted) return true;
  const [, address, port] = /^\[(.+)\]:\w+:(\d+)$/.exec(name) ?? [];
  return address !== undefined && [address, `${address}:${port ?? ''}`, `[${address}]:${port ?? ''}`].includes(wanted);
}
