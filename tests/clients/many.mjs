// One socket, many operations: node many.mjs URL TOKEN COUNT
// Starts COUNT subscriptions on one socket, then a query, and prints {"refused":…,"answered":…}.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.QUORATE_CLIENTS_DIR, 'package.json'));
const WebSocket = require('ws');
const [url, token, count] = process.argv.slice(2);
const socket = new WebSocket(url, 'graphql-transport-ws');
const say = (message) => socket.send(JSON.stringify(message));
let refused = 0;

function leave(answered) {
  process.stdout.write(`${JSON.stringify({ refused, answered })}\n`);
  process.exit(0);
}

socket.on('open', () => say({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } }));
socket.on('message', (data) => {
  const message = JSON.parse(data);
  if (message.type === 'connection_ack') {
    for (let i = 0; i < Number(count); i += 1) {
      say({ id: `s${i}`, type: 'subscribe', payload: { query: 'subscription { events { kind } }' } });
    }
    say({ type: 'ping' });
  } else if (message.type === 'error') {
    refused += 1;
  } else if (message.type === 'pong') {
    say({ id: 's0', type: 'complete' });
    say({ id: 'last', type: 'subscribe', payload: { query: '{ viewer { posts } }' } });
  } else if (message.type === 'next' && message.id === 'last') {
    leave(Boolean(message.payload.data));
  }
});
socket.on('close', () => leave(false));
setTimeout(() => leave(false), 4000);
