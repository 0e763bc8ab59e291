/** linkbeat_interfaces: a driver that is asked every second stands in for netlink. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { instance, openNetwork } from './network.js';

for (const method of ['', ' ETHTOOL', ' IOCTL']) {
  test(`a cable that goes is noticed by asking the driver:${method === '' ? ' the best way it knows' : method}`, async (t) => {
    const network = openNetwork();
    t.after(() => network.close());
    const { left, right } = network;
    const daemon = left.daemon(`linkbeat_interfaces {\neth0${method}\n}\n${instance()}`);
    await daemon.line(/\(V1\) Entering MASTER STATE/, 5);
    right.run('ip', 'link', 'set', 'eth0', 'down');
    await daemon.line(/Linkbeat reports eth0 down/, 5);
    await daemon.line(/\(V1\) Entering FAULT STATE/, 5);
    right.run('ip', 'link', 'set', 'eth0', 'up');
    await daemon.line(/Linkbeat reports eth0 up/, 5);
    assert.doesNotMatch(daemon.text(), /Netlink reports eth0/);
  });
}
