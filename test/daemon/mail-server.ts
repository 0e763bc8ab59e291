/**
 * A mail server for tests, run as a program of its own: one JSON line for every mail it has taken. It speaks HELO only unless
 * its second argument is `esmtp`, and refuses senders with `refuse`. Arguments: port, manner.
 */

import { createServer } from 'node:net';

const [port = '25', manner = 'smtp'] = process.argv.slice(2);

createServer((socket) => {
  let buffered = '';
  let data: string[] | undefined;
  let envelope: string[] = [];
  const answer = (line: string): string => {
    if (data !== undefined) {
      if (line !== '.') {
        data.push(line);
        return '';
      }
      process.stdout.write(`${JSON.stringify({ envelope, data })}\n`);
      [data, envelope] = [undefined, []];
      return '250 taken\r\n';
    }
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') return manner === 'esmtp' ? '250-here\r\n250 8BITMIME\r\n' : '502 no\r\n';
    if (verb === 'MAIL' && manner === 'refuse') return '550 no\r\n';
    if (verb === 'MAIL' || verb === 'RCPT') envelope.push(line);
    if (verb === 'DATA') {
      data = [];
      return '354 go on\r\n';
    }
    return verb === 'QUIT' ? '221 bye\r\n' : '250 fine\r\n';
  };
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    const lines = `${buffered}${bytes.toString('latin1')}`.split('\r\n');
    buffered = lines.pop() ?? '';
    for (const line of lines) socket.write(answer(line));
  });
  socket.write('220 mail server\r\n');
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
