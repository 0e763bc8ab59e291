/** The options of a route that are metrics of the kernel (RTAX_*): one table of what is alike in them. */

import type { RouteMetric, RouteMetricValue } from '../../vrrp/host/routes.js';
import type { Word } from '../cst.js';
import { quote } from './arguments.js';
import { UINT32 } from './kinds.js';
import { readNumber, valued } from './options.js';
import type { Option, OptionLine } from './options.js';
import type { Range } from './arguments.js';

/** keepalived takes at most so many seconds where the unit is given as seconds. */
const LONGEST_TIME = 480;
/** TCP_RTO_MIN in milliseconds: shorter times are raised to it. */
const SHORTEST_TIME = 200;

type MetricOption = Option<RouteMetricValue>;

/** `[lock] N`, or `N` where the kernel knows no lock for it. */
function metric(name: RouteMetric, lockable: boolean, doc: string, example: string, range: Range = { min: 0, max: UINT32 }): MetricOption {
  return {
    ...valued({ doc, default: 'none', example, ...range }, lockable ? '[lock] N' : 'N', (word, line) =>
      read(name, lockable, word, line, (value) => readNumber(value, line, range)),
    ),
  };
}

/** `[lock] TIME`; without a unit the number is the kernel's own, of which so many are a millisecond. */
function time(name: RouteMetric, perMillisecond: number, doc: string): MetricOption {
  const example = `${name} 300ms`;
  return valued({ doc, default: 'none', example }, '[lock] N / Nms / Ns', (word, line) =>
    read(name, true, word, line, (value) => readTime(value, perMillisecond, line)),
  );
}

function read(
  name: RouteMetric,
  lockable: boolean,
  word: Word,
  line: OptionLine,
  parse: (word: Word) => number | string | undefined,
): RouteMetricValue | undefined {
  const locked = lockable && word.text === 'lock';
  const at = locked ? line.next() : word;
  const value = at === undefined ? undefined : parse(at);
  return value === undefined ? undefined : { metric: name, value, locked };
}

/** In the kernel's units. */
function readTime(word: Word, perMillisecond: number, line: OptionLine): number | undefined {
  const { option, findings } = line;
  const [, digits, fraction = '', unit] = /^(\d+)(?:\.(\d*))?(ms|s)?$/.exec(word.text) ?? [];
  if (digits === undefined) {
    return line.refuse(word, `${option.text}: ${quote(word.text)} is not a time`, 'write it like 300ms or 1.5s');
  }
  const decimals = unit === 's' ? 3 : 0;
  if (fraction.length > decimals) {
    findings.report('badValue', word, `${option.text}: ${word.text} has more than ${decimals} decimals; they are cut`);
  }
  const number = Number(`${digits}.${fraction.slice(0, decimals)}0`);
  const milliseconds = unit === undefined ? number / perMillisecond : unit === 's' ? number * 1_000 : number;
  if (unit === 's' && milliseconds > LONGEST_TIME * 1_000) {
    const message = `${option.text}: ${word.text} is more than ${LONGEST_TIME} s`;
    return line.refuse(word, message, `write at most ${LONGEST_TIME}s`, 'outOfRange');
  }
  if (milliseconds >= SHORTEST_TIME) return Math.min(UINT32, Math.round(milliseconds * perMillisecond));
  const message = `${option.text}: ${word.text} is below the kernel's minimum; ${SHORTEST_TIME}ms is used`;
  findings.report('raisedToMinimum', word, message, `write at least ${SHORTEST_TIME}ms, with the unit`);
  return SHORTEST_TIME * perMillisecond;
}

const BIT = { min: 0, max: 1 };

export const metricOptions = {
  mtu: metric('mtu', true, 'Largest packet in bytes; lock: path MTU discovery does not change it.', 'mtu lock 1400'),
  hoplimit: metric('hoplimit', false, 'TTL or hop limit of packets from here.', 'hoplimit 64', { min: 0, max: 255 }),
  advmss: metric('advmss', true, 'Segment size in bytes that TCP announces.', 'advmss 1360'),
  rtt: time('rtt', 8, 'Round-trip time that TCP begins with.'),
  rttvar: time('rttvar', 4, 'Variance of the round-trip time that TCP begins with.'),
  reordering: metric('reordering', true, 'Packets out of order that TCP takes for no loss.', 'reordering 5'),
  window: metric('window', false, 'Largest window in bytes that TCP announces.', 'window 65535'),
  cwnd: metric('cwnd', true, 'Largest congestion window in packets.', 'cwnd 100'),
  ssthresh: metric('ssthresh', true, 'Slow start threshold in packets that TCP begins with.', 'ssthresh 20'),
  rto_min: time('rto_min', 1, 'Shortest retransmission time of TCP.'),
  initcwnd: metric('initcwnd', false, 'Congestion window in packets that TCP begins with.', 'initcwnd 10'),
  initrwnd: metric('initrwnd', false, 'Receive window in segments that TCP begins with.', 'initrwnd 10'),
  features: {
    ...valued<RouteMetricValue>({ doc: 'Features of the route.', default: 'none', costs: 'option', example: 'features ecn' }, 'ecn', (word, line) =>
      word.text === 'ecn'
        ? { metric: 'features', value: 1, locked: false }
        : line.refuse(word, `features: ${quote(word.text)} is not known`, 'write ecn'),
    ),
  },
  quickack: metric('quickack', false, 'TCP acknowledges at once.', 'quickack 1', BIT),
  congctl: valued<RouteMetricValue>({ doc: 'Congestion control algorithm of TCP.', default: 'as the kernel is set', example: 'congctl bbr' }, '[lock] NAME', (word, line) =>
    read('congctl', true, word, line, ({ text }) => text),
  ),
  fastopen_no_cookie: metric('fastopen_no_cookie', false, 'TCP fast open needs no cookie.', 'fastopen_no_cookie 1', BIT),
};
