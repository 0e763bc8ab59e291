import assert from 'node:assert/strict';
import test from 'node:test';

import { load } from './support.js';

const DNS = '192.0.2.1 53 {\nlb_algo rr\nlb_kind NAT\nprotocol UDP';
const SYSLOG = '192.0.2.1 514 {\nlb_algo rr\nlb_kind NAT\nprotocol UDP';
const PACKETS = '192.0.2.1 123 {\nlb_algo rr\nops\nlb_kind NAT\nprotocol UDP';
const WEB = '192.0.2.1 53 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP';
const MARK = 'fwmark 5 {\nlb_algo rr\nlb_kind NAT';

function expires(services: readonly string[], ...globals: readonly string[]): boolean {
  const blocks = services.map((head) => `virtual_server ${head}\nreal_server 198.51.100.1 53 {\n}\n}\n`);
  const { model } = load(`global_defs {\n${globals.join('\n')}\n}\n${blocks.join('')}`);
  assert.ok(model !== undefined);
  return model.pool.expireFlows === true;
}

test('flows end with their server where all services are UDP: nothing else can lose a connection by it', () => {
  assert.equal(expires([DNS]), true);
  assert.equal(expires([DNS, SYSLOG, PACKETS]), true);
  for (const other of [WEB, MARK]) assert.equal(expires([DNS, other]), false, other);
});

test('where no flow has a server of its own nothing is set', () => {
  assert.equal(expires([PACKETS]), false);
  assert.equal(expires([WEB]), false);
  assert.equal(expires([], 'lvs_expire_nodest_conn'), false);
});

test('the word of the configuration counts before all', () => {
  assert.equal(expires([WEB, DNS], 'lvs_expire_nodest_conn'), true);
  assert.equal(expires([DNS], 'lvs_expire_nodest_conn no'), false);
});
