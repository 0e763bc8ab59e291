/** The byte order of this machine: that of the kernel's structures and netlink attributes, unlike the network's. */

/** Found by looking, so that nothing has to be asked of the system. */
export const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Four bytes. `value`: 0 to 2^32-1. */
export function hostUint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, littleEndian);
  return bytes;
}
