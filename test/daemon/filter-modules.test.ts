import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { loadFilterModules } from '../../src/daemon/ipvs/ipvs-module.js';
import { until } from '../io/support/until.js';

const MODULES = ['nf_conntrack', 'nf_tables', 'nft_chain_nat', 'nft_ct', 'nft_masq'];

test('modules of the packet filter are loaded by another process while this one goes on', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hf-modules-'));
  const path = process.env['PATH'];
  t.after(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true });
  });
  const [program, asked, go] = ['modprobe', 'asked', 'go'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(program, `#!/bin/sh\necho "$*" > ${asked}.part\nmv ${asked}.part ${asked}\nwhile [ ! -e ${go} ]; do sleep 0.02; done\n`);
  chmodSync(program, 0o755);
  process.env['PATH'] = `${folder}:${path ?? ''}`;
  let loaded = false;
  loadFilterModules(() => {
    loaded = true;
  });
  // Where all of them are there already nothing is to be done.
  if (MODULES.every((name) => existsSync(`/sys/module/${name}`))) {
    assert.equal(loaded, true);
    return;
  }
  await until(() => existsSync(asked));
  assert.equal(loaded, false);
  assert.equal(readFileSync(asked, 'utf8').trim(), `-a -q ${MODULES.join(' ')}`);
  writeFileSync(go, '');
  await until(() => loaded);
});
