/** The macvlans of one VRRP process: made and kept, as the adapter does it, on whatever its kernel has underneath. */

import type { DevicePort } from '../../src/runtime/ports.js';
import type { WantedDevice } from '../../src/vrrp/host/devices.js';
import type { KernelAddresses } from './kernel-addresses.js';
import type { World } from './world.js';

export interface DeviceKeeper {
  readonly port: DevicePort;
  /** To be called when the process has heard of a change of links. */
  readonly lookAgain: () => void;
}

/** Longest time to make one. */
const MAKING = 10_000;

/** `whenAwake`: runs it when the process runs, now or later; never once it has ended. */
export function createDeviceKeeper(world: World, kernel: KernelAddresses, whenAwake: (run: () => void) => void): DeviceKeeper {
  let wanted: readonly WantedDevice[] = [];
  const lookAgain = (): void => {
    for (const each of wanted) {
      const { base, device } = each;
      if (kernel.link(device.name) !== undefined || kernel.link(base) === undefined) continue;
      world.after(world.between(100, MAKING), () =>
        whenAwake(() => {
          if (wanted.includes(each)) kernel.makeDevice(device.name, base);
        }),
      );
    }
  };
  return {
    lookAgain,
    port: {
      configure: ({ devices }) => {
        const names = new Set(devices.map(({ device }) => device.name));
        const before = wanted;
        wanted = devices;
        for (const { device } of before) if (!names.has(device.name)) kernel.deleteLink(device.name);
        lookAgain();
      },
    },
  };
}
