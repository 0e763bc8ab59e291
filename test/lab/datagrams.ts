/**
 * Both ends of a flow of datagrams. `node datagrams.js serve NAME ADDRESS PORT` answers each with its name. `node datagrams.js ask ADDRESS
 * PORT INTERVAL_MS` asks from one port for ever and says each answer, so that all of it is one flow to whoever is between.
 */

import { createSocket } from 'node:dgram';

const [role, ...words] = process.argv.slice(2);
const socket = createSocket('udp4');
// Nobody may be there for a while.
socket.on('error', () => undefined);

if (role === 'serve') {
  const [name = '', address = '', port = '0'] = words;
  socket.on('message', (_message, { port: from, address: asker }) => socket.send(name, from, asker));
  socket.bind(Number(port), address, () => process.stdout.write('ready\n'));
} else {
  const [address = '', port = '0', interval = '100'] = words;
  socket.on('message', (name) => process.stdout.write(`${name.toString('latin1')}\n`));
  socket.bind(0, () => {
    setInterval(() => socket.send('?', Number(port), address), Number(interval));
  });
}
