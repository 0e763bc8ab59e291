import assert from 'node:assert/strict';
import test from 'node:test';

import { isLinkLocal, parseAddress } from '../../src/base/address.js';
import { present } from '../../src/base/invariant.js';

test('link-local addresses are 169.254.0.0/16 and fe80::/10, however they are written', () => {
  const judged = (text: string): boolean => isLinkLocal(present(parseAddress(text), text));
  for (const text of ['169.254.0.1', 'fe80::1', 'FE80:0::1', 'febf:ffff::1']) assert.equal(judged(text), true, text);
  for (const text of ['169.255.0.1', '16.169.254.1', 'fe8::1', 'fec0::1', 'fe7f::1', '::fe80', '2001:db8::fe80:1']) assert.equal(judged(text), false, text);
});
