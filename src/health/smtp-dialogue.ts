/**
 * What SMTP_CHECK says and wants to hear (RFC 5321 4.2): greeted with 220, HELO, 250, QUIT, and any line for good-bye. Text in,
 * the next turn out. Replies of several lines count as one: keepalived fails a server that greets with them, which is no fault.
 */

import type { Hear, Turn } from './conversation.js';
import type { ProbeFailure } from './events.js';

export interface SmtpDialogue {
  readonly stage: 'banner' | 'helo' | 'quit';
  /** The beginning of a line whose end has not come. */
  readonly unread: string;
  /** Characters of the reply so far. */
  readonly length: number;
}

export type SmtpTurn =
  | { readonly type: 'listening'; readonly dialogue: SmtpDialogue }
  /** `line` with its end. What came with the reply before it was asked for is no answer and is forgotten. */
  | { readonly type: 'saying'; readonly line: string; readonly dialogue: SmtpDialogue }
  | { readonly type: 'over'; readonly failure?: ProbeFailure };

export const SMTP_OPENING: SmtpDialogue = { stage: 'banner', unread: '', length: 0 };

/** Of one reply; RFC 5321 4.5.3.1.5 gives a line 512. A server that talks on is no mail server. */
const LONGEST_REPLY = 8 * 1024;

const BAD_REPLY: Readonly<Record<SmtpDialogue['stage'], ProbeFailure>> = {
  banner: { type: 'badBanner' },
  helo: { type: 'badHelo' },
  quit: { type: 'readFailed' },
};

/** The whole dialogue. */
export function smtpDialogue(heloName: string): Turn {
  return { type: 'listening', hear: hearingFrom(SMTP_OPENING, heloName) };
}

function hearingFrom(dialogue: SmtpDialogue, heloName: string): Hear {
  return (text) => {
    const turn = hearSmtp(dialogue, text, heloName);
    if (turn.type === 'over') return turn;
    const hear = hearingFrom(turn.dialogue, heloName);
    return turn.type === 'saying' ? { type: 'saying', text: turn.line, hear } : { type: 'listening', hear };
  };
}

/** `text`: one character a byte, cut anywhere. Total. */
export function hearSmtp({ stage, unread, length }: SmtpDialogue, text: string, heloName: string): SmtpTurn {
  const total = length + text.length;
  const lines = (unread + text).split('\n');
  const rest = lines.pop() ?? '';
  for (const line of lines) {
    const meaning = meaningOf(line, stage);
    if (meaning === 'bad') return { type: 'over', failure: BAD_REPLY[stage] };
    if (meaning === 'last') return answerTo(stage, heloName);
  }
  if (total > LONGEST_REPLY) return { type: 'over', failure: BAD_REPLY[stage] };
  return { type: 'listening', dialogue: { stage, unread: rest, length: total } };
}

function meaningOf(line: string, stage: SmtpDialogue['stage']): 'last' | 'continued' | 'bad' {
  if (stage === 'quit') return 'last';
  const [, code, sign] = /^(\d{3})([- \r]|$)/.exec(line) ?? [];
  if (code !== (stage === 'banner' ? '220' : '250')) return 'bad';
  return sign === '-' ? 'continued' : 'last';
}

function answerTo(stage: SmtpDialogue['stage'], heloName: string): SmtpTurn {
  switch (stage) {
    case 'banner':
      return { type: 'saying', line: `HELO ${heloName}\r\n`, dialogue: { stage: 'helo', unread: '', length: 0 } };
    case 'helo':
      return { type: 'saying', line: 'QUIT\r\n', dialogue: { stage: 'quit', unread: '', length: 0 } };
    case 'quit':
      return { type: 'over' };
  }
}
