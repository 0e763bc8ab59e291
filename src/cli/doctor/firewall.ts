/** Whether the packet filter of this host lets adverts in: nftables, and iptables of the old kind beside it. */

import { readFileSync } from 'node:fs';

import { runTool } from '../../io/processes/tool.js';
import type { HostFinding } from './finding.js';
import type { Needs } from './needs.js';
import { readLegacyRules } from './legacy-rules.js';
import { readRuleset } from './nft-rules.js';
import type { Ruleset } from './nft-rules.js';
import { judge } from './ruleset.js';
import type { Judgement, Packet } from './ruleset.js';

const GROUPS = { ipv4: '224.0.0.18', ipv6: 'ff02::12' } as const;
const NAMES = { 112: 'VRRP (protocol 112)', 51: 'AH (protocol 51)' } as const;

type Advert = Needs['adverts'][number];

export function examineFirewall({ adverts }: Needs): readonly HostFinding[] {
  const nft = ruleset();
  const legacy = { ipv4: legacyChains('iptables-legacy', 'ip'), ipv6: legacyChains('ip6tables-legacy', 'ip6') } as const;
  const distinct = [...new Map(adverts.map((advert) => [JSON.stringify(advert), advert])).values()];
  return distinct.flatMap((advert) => {
    const { family, interface: name, protocol, unicast } = advert;
    const packet: Packet = { family, interface: name, protocol, ...(unicast ? {} : { destination: GROUPS[family] }) };
    const chains = legacy[family];
    const judgements = [...(nft === undefined ? [] : nftJudgements(nft, packet)), ...(chains === undefined ? [] : [judge(chains, 'INPUT', packet)])];
    return judgements.flatMap((judgement) => finding(judgement, advert)).slice(0, 1);
  });
}

/** A packet is let in by all of the chains that it enters, or not at all: those that drop come first. */
function nftJudgements({ chains, entries }: Ruleset, packet: Packet): readonly Judgement[] {
  const other = packet.family === 'ipv4' ? 'ip6' : 'ip';
  const judgements = entries.filter(({ family }) => family !== other).map(({ name }) => judge(chains, name, packet));
  return judgements.sort((a, b) => Number(b.verdict === 'drop') - Number(a.verdict === 'drop'));
}

function finding(judgement: Judgement, { interface: name, protocol, family }: Advert): readonly HostFinding[] {
  const table = family === 'ipv4' ? 'ip' : 'ip6';
  const rule = family === 'ipv4' ? `ip protocol ${protocol}` : `meta l4proto ${protocol}`;
  const advice = {
    fix: `let it in before that rule, such as: nft insert rule ${table} filter input iifname ${name} ${rule} accept; or iptables -I INPUT -i ${name} -p ${protocol} -j ACCEPT`,
    permanent: 'the same in the file of your firewall',
  };
  switch (judgement.verdict) {
    case 'accept':
      return [];
    case 'perhaps':
      return [{ id: 'firewall-unclear', severity: 'info', message: `whether the packet filter lets ${NAMES[protocol]} in on ${name} depends on what its rules do not say by themselves`, ...advice }];
    case 'drop':
      return [{ id: 'firewall-drops-adverts', severity: 'error', message: `the packet filter drops ${NAMES[protocol]} on ${name} (${judgement.by}): this director hears no other and becomes a second master`, ...advice }];
  }
}

/** Undefined where nft is not there or says nothing that can be read. */
function ruleset(): Ruleset | undefined {
  const text = outputOf('nft', ['-j', 'list', 'ruleset']);
  try {
    return text === undefined ? undefined : readRuleset(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Asked only when the kernel has such a table: the program itself would make it. */
function legacyChains(program: string, kind: 'ip' | 'ip6'): ReturnType<typeof readLegacyRules> | undefined {
  try {
    if (!readFileSync(`/proc/net/${kind}_tables_names`, 'utf8').split('\n').includes('filter')) return undefined;
  } catch {
    return undefined;
  }
  const text = outputOf(program, ['-S']);
  return text === undefined ? undefined : readLegacyRules(text);
}

function outputOf(program: string, words: readonly string[]): string | undefined {
  const { status, output } = runTool(program, words);
  return status === 0 ? output : undefined;
}
