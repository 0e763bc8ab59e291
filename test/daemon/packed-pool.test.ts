import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { deserialize, serialize } from 'node:v8';

import { packPool, unpackPool } from '../../src/daemon/children/packed-pool.js';
import type { PackedPool } from '../../src/daemon/children/packed-pool.js';
import { packedMessage, parseDownMessage } from '../../src/daemon/children/ipc.js';
import type { Model } from '../../src/conf/model.js';
import type { PoolConfig } from '../../src/health/config.js';
import { load } from '../conf/support.js';

function modelOf(text: string): Model {
  const { model } = load(text);
  assert.ok(model);
  return model;
}

function poolOf(text: string): PoolConfig {
  return modelOf(text).pool;
}

/** As it comes out of a channel between two processes. */
function sent(pool: PoolConfig): PackedPool {
  return deserialize(serialize(packPool(pool))) as PackedPool;
}

function service(number: number, ...servers: readonly string[]): string {
  return `virtual_server 192.0.2.${number} 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n${servers.join('\n')}\n}\n`;
}

function server(address: string, port = 80, check = 'connect_timeout 3', weight = 1): string {
  return `real_server ${address} ${port} {\n weight ${weight}\n TCP_CHECK {\n ${check}\n }\n}`;
}

test('every pool of the corpus comes out as it was, its properties in the same order', () => {
  const files = readdirSync('test/corpus').filter((name) => name.endsWith('.conf'));
  let servers = 0;
  for (const name of files) {
    const text = readFileSync(`test/corpus/${name}`, 'latin1');
    const { model } = load(text);
    if (model === undefined) continue;
    servers += model.pool.virtualServers.reduce((count, { realServers }) => count + realServers.length, 0);
    const got = unpackPool(sent(model.pool));
    assert.deepEqual(got, model.pool, name);
    assert.equal(JSON.stringify(got), JSON.stringify(model.pool), name);
  }
  assert.ok(servers >= 50, `${servers}`);
});

test('a server that differs only in where it stands is told by its place, across virtual servers', () => {
  const pool = poolOf(service(1, server('10.0.0.1'), server('10.0.0.2', 8080)) + service(2, server('10.0.0.3')));
  const [first, second] = packPool(pool).virtualServers;
  assert.deepEqual(first?.realServers, [pool.virtualServers[0]?.realServers[0], ['10.0.0.2', 8080]]);
  assert.deepEqual(second?.realServers, [['10.0.0.3', 80]]);
  assert.deepEqual(unpackPool(sent(pool)), pool);
});

test('a server that differs in more is told whole', () => {
  const others = [
    server('10.0.0.2', 80, 'connect_timeout 3', 2),
    server('10.0.0.2', 80, 'connect_timeout 4'),
    server('10.0.0.2', 80, 'connect_ip 10.0.0.9'),
    server('10.0.0.2', 80, 'connect_port 81'),
    'real_server 10.0.0.2 80 {\n weight 1\n}',
  ];
  for (const other of others) {
    const pool = poolOf(service(1, server('10.0.0.1'), other));
    const [packed] = packPool(pool).virtualServers;
    assert.deepEqual(packed?.realServers, pool.virtualServers[0]?.realServers, other);
    assert.deepEqual(unpackPool(sent(pool)), pool, other);
  }
});

test('what is checked elsewhere stays there', () => {
  const elsewhere = 'connect_ip 10.0.0.9\n connect_port 81';
  const pool = poolOf(service(1, server('10.0.0.1', 80, elsewhere), server('10.0.0.2', 80, elsewhere), server('10.0.0.9', 81, elsewhere), server('10.0.0.3', 80, elsewhere)));
  const got = unpackPool(sent(pool));
  assert.deepEqual(got, pool);
  assert.deepEqual(packPool(pool).virtualServers[0]?.realServers[1], ['10.0.0.2', 80]);
});

test('a message to the checkers process carries a packed pool and is understood there', () => {
  const { pool, director } = modelOf(service(1, server('10.0.0.1'), server('10.0.0.2')));
  const message = { type: 'overlaid', pool, director } as const;
  const packed = packedMessage(message);
  assert.deepEqual((packed as { readonly pool?: unknown }).pool, packPool(pool));
  assert.deepEqual(parseDownMessage('checkers', deserialize(serialize(packed))), message);
});
