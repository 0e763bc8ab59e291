/** The connection of a check that has one. */

import assert from 'node:assert/strict';
import type { Check, ConnectionOptions } from '../../src/health/config-check.js';

export function connectionOf(check: Check): ConnectionOptions {
  assert.ok('connection' in check);
  return check.connection;
}
