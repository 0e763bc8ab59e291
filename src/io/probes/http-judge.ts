/** From what came of an HTTP question to its verdict: at once by status and digest, later where a body has to be searched. */

import type { Micros } from '../../base/time.js';
import type { Verdict } from '../../health/events.js';
import { judgeBody } from '../../health/verdict.js';
import { openBodySearcher } from './body-searcher.js';
import { type HttpOutcome, type HttpQuestion, verdictOn } from './http-transport.js';

export interface HttpJudge {
  /** Answered once through the sink, possibly before this returns. */
  readonly judge: (id: number, outcome: HttpOutcome, question: HttpQuestion, latency: Micros) => void;
  /** No verdict follows. Unknown ids are ignored. */
  readonly cancel: (id: number) => void;
  readonly close: () => void;
}

export function openHttpJudge(onVerdict: (id: number, verdict: Verdict) => void): HttpJudge {
  const searcher = openBodySearcher();
  return {
    judge: (id, outcome, question, latency) => {
      const verdict = verdictOn(outcome, question, latency);
      const { body: pattern } = question.url;
      if (verdict.type !== 'passed' || outcome.type !== 'replied' || pattern === undefined) {
        onVerdict(id, verdict);
        return;
      }
      const { body = new Uint8Array(0), bodyCut = false } = outcome.reply;
      searcher.search(id, pattern, body, (found) => {
        const failure = judgeBody(found, pattern, bodyCut);
        onVerdict(id, failure === undefined ? verdict : { type: 'failed', failure, latency });
      });
    },
    cancel: searcher.cancel,
    close: searcher.close,
  };
}
