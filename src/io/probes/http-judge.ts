/** From what came of an HTTP question to its verdict: at once by status and digest, later where a body has to be searched. */

import type { Micros } from '../../base/time.js';
import type { Verdict } from '../../health/events.js';
import { judgeBody } from '../../health/verdict.js';
import { BodySearch } from './body-search.js';
import { openBodySearcher } from './body-searcher.js';
import { type HttpOutcome, type HttpQuestion, verdictOn } from './http-transport.js';

export interface HttpJudge {
  /** Where the body of an answer goes if it is to be searched. */
  readonly searchFor: (id: number, question: HttpQuestion) => BodySearch | undefined;
  /** Answered once through the sink, possibly before this returns. `search`: of this question. */
  readonly judge: (id: number, outcome: HttpOutcome, asked: { readonly question: HttpQuestion; readonly search: BodySearch | undefined }, latency: Micros) => void;
  /** No verdict follows. Unknown ids are ignored. */
  readonly cancel: (id: number) => void;
  readonly close: () => void;
}

export function openHttpJudge(onVerdict: (id: number, verdict: Verdict) => void): HttpJudge {
  const searcher = openBodySearcher();
  return {
    searchFor: (id, { url: { body: pattern } }) =>
      pattern === undefined ? undefined : new BodySearch(pattern, (piece, onDone) => searcher.search(id, pattern, piece, onDone)),
    judge: (id, outcome, { question, search }, latency) => {
      const verdict = verdictOn(outcome, question, latency);
      if (verdict.type !== 'passed' || outcome.type !== 'replied' || search === undefined) {
        searcher.cancel(id);
        onVerdict(id, verdict);
        return;
      }
      const { bodyCut = false } = outcome.reply;
      search.finish((found) => {
        const failure = judgeBody(found, search.pattern, bodyCut);
        onVerdict(id, failure === undefined ? verdict : { type: 'failed', failure, latency });
      });
    },
    cancel: searcher.cancel,
    close: searcher.close,
  };
}
