/** The verdict of `-t`, case by case, against that of the keepalived installed here (2.2.7). */

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { keywordTables } from '../support/keyword-tables.js';
import { CASES } from './differential-cases.js';
import { agree, compare, describe } from './generator/compare.js';
import { MAIN } from './generator/text.js';
import { openKeepalived } from './keepalived.js';

const SINCE_2_2_7 = [
  'dbus_no_interface_name', 'iproute_etc_dir', 'iproute_usr_dir', 'json_dump_file', 'json_version', 'set_supplementary_groups',
  'state_dump_file', 'stats_dump_file', 'use_symlink_paths', 'vrrp_delay_after_boot',
] as const;

/** Cases of words that keepalived does not know, by the table that says so. */
const OWN_WORDS = keywordTables().flatMap(({ name, keywords }) =>
  Object.entries(keywords).flatMap(([word, { own, opensBlock }]) => (own === true && !opensBlock ? [`${name}: ${word} alone`] : [])),
).filter((name) => name in CASES);

/** Where the two may differ, and why: reviewed one by one. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'group: 10.0.0.0/8 80': 'more services than are made here; keepalived would try to make 16 million',
  'global_defs: snmp_vs_stats_update_interval alone': 'a keyword since 2.3.0',
  'global_defs: snmp_rs_stats_update_interval alone': 'a keyword since 2.3.0',
  'header: group nope': '2.2.7 does not check under -t that the group exists',
  'vrrp_instance: v3_checksum_as_v2 alone': 'a keyword since 2.2.8',
  'vrrp_instance: owner_ignore_adverts alone': 'a keyword since 2.3.3',
  'global_defs: v3_checksum_as_v2 alone': 'a keyword since 2.2.8',
  'global_defs: vrrp_owner_ignore_adverts alone': 'a keyword since 2.3.3',
  'global_defs: vrrp_iptables alone': "Debian's 2.2.7 is built without iptables",
  'global_defs: vrrp_ipsets alone': "Debian's 2.2.7 is built without ipsets",
  'vrrp_instance: no_virtual_ipaddress alone': 'a keyword since 2.2.8',
  'global_defs: startup_script /bin/nosuch': 'whether a script is there shows when it is started',
  'global_defs: process_name alone': 'means the default name since 2.3',
  'global_defs: umask IRWXO': '2.2.7 does not know this one bit, an oversight',
  'global_defs: script_user root :': 'supplementary groups came after 2.4.3',
  'global_defs: script_user root :root': 'supplementary groups came after 2.4.3',
  'global_defs: notification_email_from a@b c': 'refused since 2.3',
  'outermost level: net_namespace foo\nnet_namespace bar': '2.2.7 forgets what only its first pass has found',
  ...Object.fromEntries(OWN_WORDS.map((name) => [name, 'a word of holdfast'])),
  ...Object.fromEntries(SINCE_2_2_7.map((name) => [`global_defs: ${name} alone`, 'a keyword of later releases'])),
};

const keepalived = openKeepalived('conf');
after(() => keepalived.close());

test('-t gives the status that keepalived gives', { timeout: 300_000 }, async () => {
  const different: string[] = [];
  const pending = Object.entries(CASES);
  async function work(): Promise<void> {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [name, text] = next;
      const comparison = await compare(keepalived, { [MAIN]: text });
      if (!agree(comparison) && !(name in EXCEPTIONS)) different.push(`=== ${name}\n${describe(comparison)}`);
    }
  }
  await Promise.all([work(), work(), work()]);
  assert.equal(different.length, 0, different.join('\n'));
});

test('every exception is about a case that exists', () => {
  for (const name of Object.keys(EXCEPTIONS)) assert.ok(name in CASES, name);
});
