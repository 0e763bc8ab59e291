/** Checkers that keepalived does not have. */

import { commonOptions } from './checker-options.js';
import { flag, word } from './kinds.js';
import { certificateWords } from './own-web.js';
import { blockTable } from './schema.js';
import { text } from './text.js';

export const grpcCheck = blockTable('GRPC_CHECK', {
  ...commonOptions,
  service: text({ doc: 'Name of the service that must be SERVING.', default: 'the server as a whole', example: 'service shop.Orders', own: true }),
  tls: flag({ doc: 'Ask over TLS.', default: 'off', own: true }),
  host: word({
    doc: "The host asked for: the request's :authority, the name in the TLS greeting and in the certificate.",
    default: 'the address',
    syntax: 'HOST',
    example: 'host api.example.com',
    own: true,
  }),
  ...certificateWords,
});

/** TCP_CHECK: what is said and heard once the connection is there. */
export const exchangeWords = {
  send: text({ doc: 'What is sent once connected.', default: 'nothing', example: 'send "PING\\r\\n"', own: true }),
  expect: text({ doc: 'What must stand in the first 64 KiB of the answer.', default: 'nothing', example: 'expect "+PONG"', own: true }),
};

export const mysqlCheck = blockTable('MYSQL_CHECK', {
  ...commonOptions,
  user: word({ doc: 'An account without password that must be let in.', default: 'any answer to a stranger will do', example: 'user probe', own: true }),
});

export const pgsqlCheck = blockTable('PGSQL_CHECK', {
  ...commonOptions,
  user: word({ doc: 'A role that must be known.', default: 'any answer to a stranger will do', example: 'user probe', own: true }),
  database: word({ doc: 'A database that must be there.', default: "the role's name", example: 'user probe\ndatabase shop', own: true }),
});

export const redisCheck = blockTable('REDIS_CHECK', {
  ...commonOptions,
  password: text({ doc: 'Given to AUTH before PING.', default: 'a server that wants one passes', example: 'password secret', own: true }),
});
