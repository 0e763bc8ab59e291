/**
 * Whether a packet filter lets a packet in, as far as that can be told from its rules alone. A condition that is not understood
 * is neither true nor false, and what depends on it is `perhaps`. Rules are values here; where they come from is firewall.ts.
 */

export type Truth = boolean | undefined;

/** What is known of the packet. */
export interface Packet {
  readonly family: 'ipv4' | 'ipv6';
  readonly interface: string;
  /** IP protocol number. */
  readonly protocol: number;
  /** Undefined where it may be any. */
  readonly destination?: string;
}

export type Action = { readonly type: 'accept' | 'drop' | 'return' } | { readonly type: 'jump' | 'goto'; readonly chain: string };

export interface FilterRule {
  readonly holds: (packet: Packet) => Truth;
  /** Undefined: it only counts, logs or marks. */
  readonly action: (packet: Packet) => Action | undefined;
  /** For people. */
  readonly text: string;
}

export interface Chain {
  readonly rules: readonly FilterRule[];
  /** Of a chain that packets enter by themselves. */
  readonly policy?: 'accept' | 'drop';
}

export type Judgement =
  | { readonly verdict: 'accept' | 'perhaps' }
  /** `by`: the rule, or the policy of the chain. */
  | { readonly verdict: 'drop'; readonly by: string };

type Passed = Judgement | { readonly verdict: 'through'; readonly doubt: boolean };

/** Chains nest less deep than that. */
const DEEPEST = 16;

/** The fate of a packet that enters the chain `name`. */
export function judge(chains: ReadonlyMap<string, Chain>, name: string, packet: Packet): Judgement {
  const passed = walk(chains, name, packet, 0);
  if (passed.verdict !== 'through') return passed;
  if (chains.get(name)?.policy !== 'drop') return { verdict: passed.doubt ? 'perhaps' : 'accept' };
  return passed.doubt ? { verdict: 'perhaps' } : { verdict: 'drop', by: `the policy of chain ${name}` };
}

/** `doubt`: a rule that may or may not have decided was passed. */
function walk(chains: ReadonlyMap<string, Chain>, name: string, packet: Packet, depth: number): Passed {
  let doubt = false;
  const chain = chains.get(name);
  if (chain === undefined || depth > DEEPEST) return { verdict: 'through', doubt: true };
  for (const rule of chain.rules) {
    const holds = rule.holds(packet);
    const action = holds === false ? undefined : rule.action(packet);
    if (action === undefined) continue;
    if (holds === undefined) {
      // A rule that may return leads nowhere worse than going on.
      doubt ||= action.type !== 'return';
      continue;
    }
    if (action.type === 'return') return { verdict: 'through', doubt };
    const then: Passed = action.type === 'jump' || action.type === 'goto' ? walk(chains, action.chain, packet, depth + 1) : ending(action.type, rule);
    if (then.verdict === 'through') {
      doubt ||= then.doubt;
      if (action.type === 'goto') return { verdict: 'through', doubt };
    } else return doubt ? { verdict: 'perhaps' } : then;
  }
  return { verdict: 'through', doubt };
}

function ending(type: 'accept' | 'drop', { text }: FilterRule): Judgement {
  return type === 'accept' ? { verdict: 'accept' } : { verdict: 'drop', by: `the rule ${text}` };
}

/** All of them; one that is false decides. */
export function every(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(undefined) ? undefined : true;
}

export function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

/** One of them; one that is true decides. */
export function some(truths: readonly Truth[]): Truth {
  return not(every(truths.map(not)));
}
