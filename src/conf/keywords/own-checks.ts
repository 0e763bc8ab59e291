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
