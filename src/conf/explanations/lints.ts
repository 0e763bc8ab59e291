/** HF-6xx: what keepalived accepts without a word and what burns operators all the same. */

import type { FindingKind } from '../catalog.js';
import { instance } from './explanation.js';
import type { Explanation } from './explanation.js';

export const LINTS = {
  noPreemptWithWeights: {
    title: 'nopreempt makes weighted trackers useless',
    meaning:
      'A failing tracker lowers the priority of the master, but a backup with nopreempt accepts a master of any priority: ' +
      'the addresses stay on the broken director.',
    keepalived: 'It accepts both and says nothing.',
    remedy: 'Remove nopreempt, or the weight: without weight a failing tracker means FAULT, and the addresses move.',
    example: instance('nopreempt', 'track_interface {', '    eth1 weight -20', '}'),
  },
  realServerUnchecked: {
    title: 'A real server that nobody checks',
    meaning: 'It counts as up for ever and gets its share of the connections when it is dead.',
    keepalived: 'It accepts that without a word.',
    remedy: 'Write a check into the real_server; TCP_CHECK { } is the least.',
    example:
      'virtual_server 192.0.2.100 80 {\n    lb_algo rr\n    lb_kind NAT\n    protocol TCP\n    real_server 192.0.2.11 80 {\n        weight 1\n    }\n}\n',
  },
} as const satisfies Partial<Record<FindingKind, Explanation>>;
