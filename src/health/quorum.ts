/** When a virtual server has, gains and loses its quorum. Pure arithmetic over weights; what follows is decided elsewhere. */

export interface QuorumFacts {
  /** Weight sum wanted. */
  readonly quorum: number;
  readonly hysteresis: number;
  /** Sum of the weights of the alive servers. */
  readonly weight: number;
}

/** keepalived counts the margin upwards while the quorum is down and downwards while it is up. */
export function quorumThreshold(up: boolean, { quorum, hysteresis }: QuorumFacts): number {
  return up ? quorum - hysteresis : quorum + hysteresis;
}

/**
 * Gained at `weight >= quorum + hysteresis`; lost at `weight < quorum - hysteresis` or with no weight at all. A pool
 * whose servers all weigh nothing has the quorum 0: it is always reached, else every event would turn it over.
 */
export function judgeQuorum(up: boolean, facts: QuorumFacts): 'gained' | 'lost' | 'unchanged' {
  const reached = facts.weight >= quorumThreshold(up, facts);
  if (!up) return reached ? 'gained' : 'unchanged';
  const needed = facts.quorum + facts.hysteresis > 0;
  return reached && (facts.weight > 0 || !needed) ? 'unchanged' : 'lost';
}
