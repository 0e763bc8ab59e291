/** HTTP_GET and SSL_GET through the built command: every way a question can be carried, from a server's life to its death. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { openNetwork } from './network.js';

/** Answers HTTP on 8080 and 8081 and HTTPS on 8443, closing every connection. */
const SERVER = `
  const { execFileSync } = require('node:child_process');
  const { createServer } = require('node:http');
  const secured = require('node:https');
  const [key, cert] = process.argv.slice(1);
  execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '1', '-subj', '/CN=x', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:prime256v1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const { readFileSync } = require('node:fs');
  const answer = (request, response) => {
    console.log('asked ' + request.url + ' by HTTP/' + request.httpVersion);
    response.writeHead(request.url === '/ok' ? 200 : 404, { connection: 'close' }).end('ok');
  };
  createServer(answer).listen(8080);
  createServer(answer).listen(8081);
  secured.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, answer).listen(8443, () => console.log('listening'));`;

function service(port: number, check: 'HTTP_GET' | 'SSL_GET', protocol: '1.0' | '1.1'): string {
  return `virtual_server 10.9.9.200 ${port} {
    delay_loop 1
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 10.9.9.2 ${port} {
      ${check} {
        http_protocol ${protocol}
        url {
          path /ok
          status_code 200
        }
        connect_timeout 5
        retry 0
      }
    }
  }\n`;
}

const PORTS = [8080, 8081, 8443];

test('web checks carry HTTP/1.0, HTTP/1.1 and TLS, and notice a death', async (t) => {
  const { left, right, close } = openNetwork();
  t.after(close);
  const words = [process.execPath, '-e', SERVER, `${right.folder}/key.pem`, `${right.folder}/cert.pem`];
  const server = right.start(words);
  await server.line(/listening/, 10);
  const configuration = service(8080, 'HTTP_GET', '1.0') + service(8081, 'HTTP_GET', '1.1') + service(8443, 'SSL_GET', '1.1');
  const daemon = left.daemon(configuration);
  for (const port of PORTS) {
    await daemon.line(new RegExp(`Remote Web server \\[10\\.9\\.9\\.2\\]:tcp:${port} succeed on service\\.`), 8);
  }
  server.signal('SIGKILL');
  for (const port of PORTS) {
    const kind = port === 8443 ? 'SSL' : 'HTTP';
    await daemon.line(new RegExp(`${kind}_CHECK on service \\[10\\.9\\.9\\.2\\]:tcp:${port} failed\\.`), 8);
    await daemon.line(new RegExp(`Removing service \\[10\\.9\\.9\\.2\\]:tcp:${port} from VS`), 2);
  }
  const asked = new Set(server.lines.map(({ text }) => text).filter((text) => text.startsWith('asked')));
  // Node's server calls the version by what it was asked with.
  assert.deepEqual([...asked].sort(), ['asked /ok by HTTP/1.0', 'asked /ok by HTTP/1.1']);
  assert.doesNotMatch(daemon.text(), /Internal error|died/);
});
