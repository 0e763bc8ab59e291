/** The SSL block: what SSL_GET shows to servers, and whom it believes. */

import { word } from './kinds.js';
import { all, blockTable } from './schema.js';

/** keepalived says so when one is given twice, and takes the last. */
const file = (doc: string, example: string): ReturnType<typeof all<string>> =>
  all(word({ doc, default: 'none', syntax: 'PATH', example }, 'ignored'));

export const ssl = blockTable('SSL', {
  password: all(
    word(
      { doc: 'Password of the private key.', default: 'none', syntax: 'STRING', example: 'password secret' },
      'ignored',
    ),
  ),
  ca: file('PEM file with the authorities that are believed; as in keepalived it verifies nothing by itself.', 'ca /etc/ssl/certs/ca.pem'),
  certificate: file('PEM file with the certificate that is shown.', 'certificate /etc/keepalived/client.pem'),
  key: file('PEM file with the private key of the certificate.', 'key /etc/keepalived/client.key'),
});
