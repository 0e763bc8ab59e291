/** From what came of an HTTP question to its verdict: at once by status and digest, later where a body has to be searched. */

import type { Micros } from '../../base/time.js';
import type { Verdict } from '../../health/events.js';
import { judgeBody } from '../../health/verdict.js';
import { BodySearch } from './body-search.js';
import { openBodySearcher } from './body-searcher.js';
import { type HttpOutcome, type HttpQuestion, verdictOn } from './http-transport.js';
import { ReadingBudget } from './reading-budget.js';

export interface HttpJudge {
  /** Where the body of an answer goes if it is to be searched. */
  readonly searchFor: (id: number, question: HttpQuestion) => BodySearch | undefined;
  /** How fast long bodies may come, all together. */
  readonly budget: ReadingBudget;
  /** Answered once through the sink, possibly before this returns. `search`: of this question. */
  readonly judge: (id: number, outcome: HttpOutcome, asked: { readonly question: HttpQuestion; readonly search: BodySearch | undefined }, latency: Micros) => void;
  /** No verdict follows. Unknown ids are ignored. */
  readonly cancel: (id: number) => void;
  readonly close: () => void;
}

export function openHttpJudge(onVerdict: (id: number, verdict: Verdict) => void): HttpJudge {
  const searcher = openBodySearcher();
  const budget = new ReadingBudget();
  const searches = new Map<number, BodySearch>();
  const cancel = (id: number): void => {
    searcher.cancel(id);
    searches.get(id)?.abandon();
    searches.delete(id);
  };
  return {
    searchFor: (id, { url: { body: pattern } }) => {
      if (pattern === undefined) return undefined;
      const search = new BodySearch(pattern, (piece, onDone) => searcher.search(id, pattern, piece, onDone));
      searches.set(id, search);
      return search;
    },
    judge: (id, outcome, { question, search }, latency) => {
      const verdict = verdictOn(outcome, question, latency);
      if (verdict.type !== 'passed' || outcome.type !== 'replied' || search === undefined) {
        cancel(id);
        onVerdict(id, verdict);
        return;
      }
      const { bodyCut = false } = outcome.reply;
      search.finish((found) => {
        searches.delete(id);
        const failure = judgeBody(found, search.pattern, bodyCut);
        onVerdict(id, failure === undefined ? verdict : { type: 'failed', failure, latency });
      });
    },
    budget,
    cancel,
    close: () => {
      searcher.close();
      searches.clear();
      budget.close();
    },
  };
}
