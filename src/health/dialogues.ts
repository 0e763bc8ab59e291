/** Which dialogue a check by dialogue holds. */

import { unreachable } from '../base/unreachable.js';
import type { TalkCheck, TcpExchange } from './config-check.js';
import { type Turn, collecting } from './conversation.js';
import { mysqlDialogue, pgsqlDialogue, redisDialogue } from './database-dialogues.js';
import { smtpDialogue } from './smtp-dialogue.js';

/** The first turn, once the connection is there. */
export function dialogueOf(check: TalkCheck): Turn {
  switch (check.type) {
    case 'TCP_CHECK':
      return textDialogue(check.exchange);
    case 'SMTP_CHECK':
      return smtpDialogue(check.heloName);
    case 'MYSQL_CHECK':
      return mysqlDialogue(check);
    case 'PGSQL_CHECK':
      return pgsqlDialogue(check);
    case 'REDIS_CHECK':
      return redisDialogue(check);
    default:
      return unreachable(check);
  }
}

function textDialogue({ send = '', expect }: TcpExchange): Turn {
  if (expect === undefined) return { type: 'over', farewell: send };
  const hear = collecting((answer) => (answer.includes(expect) ? { type: 'over' } : undefined));
  return send === '' ? { type: 'listening', hear } : { type: 'saying', text: send, hear };
}
