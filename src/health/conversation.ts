/** A check by dialogue: what is said to a server, what it must answer. Text in, the next turn out; one character is one byte. */

import type { ProbeFailure } from './events.js';

/** Hears what has come since the last turn, cut anywhere. Total. */
export type Hear = (text: string) => Turn;

export type Turn =
  | { readonly type: 'listening'; readonly hear: Hear }
  | { readonly type: 'saying'; readonly text: string; readonly hear: Hear }
  /** Passed without `failure`; `farewell` is said before the connection is closed. */
  | { readonly type: 'over'; readonly failure?: ProbeFailure; readonly farewell?: string };

/** Of one answer, in bytes. Who says more than this without saying what is wanted does not say it. */
export const LONGEST_ANSWER = 64 * 1024;

export function unexpected(detail: string): Turn {
  return { type: 'over', failure: { type: 'unexpected', detail } };
}

/** Collects an answer until `judge` makes something of it. */
export function collecting(judge: (answer: string) => Turn | undefined): Hear {
  const from = (heard: string): Hear => (text) => {
    const answer = heard + text;
    const turn = judge(answer);
    if (turn !== undefined) return turn;
    return answer.length > LONGEST_ANSWER ? unexpected('an answer without end') : { type: 'listening', hear: from(answer) };
  };
  return from('');
}

/** What a server said, fit for a sentence: its first line, printable, at most 80 characters. */
export function quoted(text: string): string {
  const [line = ''] = text.split(/[\r\n]/, 1);
  return line.replace(/[^\x20-\x7e]/g, '?').slice(0, 80);
}
