import assert from 'node:assert/strict';
import test from 'node:test';
import { translatedServices, translationSettings } from '../../src/health/full-nat.js';
import { address } from '../support/address.js';
import { realServer, virtualServer } from './samples.js';

const FULL = { fullNat: true } as const;

test('services with servers by FULLNAT are translated for these servers alone; backup and sorry servers count', () => {
  const backup = realServer(3, { ...FULL, tier: 1 });
  const sorry = { address: address('198.51.100.4'), port: 80, method: 'nat', inhibit: false, ...FULL } as const;
  const services = translatedServices({
    virtualServers: [
      virtualServer(1, [realServer(1, FULL), realServer(2)], { backupServers: [backup], sorryServer: sorry }),
      virtualServer(2, [realServer(1)]),
    ],
  });
  assert.deepEqual(services.map(({ identity, servers }) => [identity.kind === 'address' ? identity.address : '', ...servers]), [
    ['192.0.2.1', '198.51.100.1', '198.51.100.3', '198.51.100.4'],
  ]);
  assert.deepEqual(translationSettings(services).map(({ path }) => path), ['ipv4/vs/conntrack', 'ipv4/ip_forward']);
  assert.deepEqual(translationSettings([]), []);
});
