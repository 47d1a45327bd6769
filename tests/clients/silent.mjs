// A socket on which nothing runs: node silent.mjs URL TOKEN
// Says {"type":"connected"} once the server knows who it is, and {"type":"closed","code":…} at its end.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.QUORATE_CLIENTS_DIR, 'package.json'));
const WebSocket = require('ws');
const [url, token] = process.argv.slice(2);
const socket = new WebSocket(url, 'graphql-transport-ws');
const say = (happening) => process.stdout.write(`${JSON.stringify(happening)}\n`);

socket.on('open', () =>
  socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } })));
socket.on('message', (data) => {
  if (JSON.parse(data).type === 'connection_ack') say({ type: 'connected' });
});
socket.on('close', (code) => {
  say({ type: 'closed', code });
  process.exit(0);
});
