/** The rules of `iptables-legacy -S` as values of ruleset.ts: what nft does not show. */

import type { Action, Chain, FilterRule, Packet, Truth } from './ruleset.js';
import { every } from './ruleset.js';

const PROTOCOLS: Readonly<Record<string, number>> = { vrrp: 112, ah: 51, tcp: 6, udp: 17, icmp: 1, igmp: 2 };
const VERDICTS: Readonly<Record<string, Action>> = { ACCEPT: { type: 'accept' }, DROP: { type: 'drop' }, REJECT: { type: 'drop' }, RETURN: { type: 'return' } };
/** Options without a condition: what is behind the target, and comments. */
const NO_CONDITION: ReadonlySet<string> = new Set(['--reject-with', '--comment', '--log-prefix', '--log-level']);

/** `text`: of one table, `-P`, `-N` and `-A` lines. */
export function readLegacyRules(text: string): ReadonlyMap<string, Chain> {
  const chains = new Map<string, { rules: FilterRule[]; policy?: 'accept' | 'drop' }>();
  for (const line of text.split('\n')) {
    const words = line.match(/"[^"]*"|\S+/g) ?? [];
    const [option, name = '', ...rest] = words;
    if (option === '-P') chains.set(name, { rules: [], policy: rest[0] === 'ACCEPT' ? 'accept' : 'drop' });
    else if (option === '-N') chains.set(name, { rules: [] });
    else if (option === '-A') chains.get(name)?.rules.push(readRule(rest, line));
  }
  return chains;
}

function readRule(words: readonly string[], text: string): FilterRule {
  const conditions: ((packet: Packet) => Truth)[] = [];
  let action: Action | undefined;
  let negated = false;
  for (let i = 0; i < words.length; i += 1) {
    const [word = '', value = ''] = [words[i], words[i + 1]];
    if (word === '!') {
      negated = true;
      continue;
    }
    if (word === '-j' || word === '-g') action = VERDICTS[value] ?? (/^[A-Z]+$/.test(value) ? undefined : { type: word === '-j' ? 'jump' : 'goto', chain: value });
    else if (word.startsWith('-') && word !== '-m' && !NO_CONDITION.has(word)) {
      const isNegated = negated;
      const fits = condition(word, value);
      conditions.push((packet) => {
        const truth = fits(packet);
        return truth === undefined ? undefined : truth !== isNegated;
      });
    } else continue;
    negated = false;
    i += 1;
  }
  return { holds: (packet) => every(conditions.map((fits) => fits(packet))), action: () => action, text };
}

function condition(option: string, value: string): (packet: Packet) => Truth {
  switch (option) {
    case '-p':
      return ({ protocol }) => (PROTOCOLS[value] ?? Number(value)) === protocol;
    case '-i':
      return (packet) => (value.endsWith('+') ? packet.interface.startsWith(value.slice(0, -1)) : packet.interface === value);
    case '-d':
      return ({ destination }) => (destination === undefined ? undefined : value === `${destination}/32` || (value === '224.0.0.0/8' && destination.startsWith('224.')) || (value.endsWith('/32') ? false : undefined));
    case '--ctstate':
    case '--state':
      return () => value.split(',').some((state) => state === 'NEW' || state === 'UNTRACKED');
    default:
      return () => undefined;
  }
}
