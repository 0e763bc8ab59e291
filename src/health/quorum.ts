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
 * Gained at `weight >= quorum + hysteresis`, lost at `weight < quorum - hysteresis`; never there with no weight at all. A pool
 * whose servers all weigh nothing has the quorum 0 and does not have it: its sorry server serves, as with keepalived.
 */
export function judgeQuorum(up: boolean, facts: QuorumFacts): 'gained' | 'lost' | 'unchanged' {
  const reached = facts.weight > 0 && facts.weight >= quorumThreshold(up, facts);
  if (reached === up) return 'unchanged';
  return reached ? 'gained' : 'lost';
}
