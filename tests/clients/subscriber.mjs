// The graphql-ws client as people use it: node subscriber.mjs URL TOKEN DOCUMENT [VARIABLES]
//
// Prints one line of JSON for each thing that happens and leaves when its stdin closes:
//   {"type":"connected"}                the server acknowledged the connection
//   {"type":"next","payload":…}         an execution result
//   {"type":"error","payload":…}        the operation failed; the payload lists its errors
//   {"type":"complete"}                 the server ended the operation
//   {"type":"closed","code":…,"reason":…} the connection is gone
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = resolve(process.env.QUORATE_CLIENTS_DIR ?? join(here, '../../target/clients'));
const require = createRequire(join(packages, 'package.json'));
const { createClient } = require('graphql-ws');
const WebSocket = require('ws');

const [url, token, query, variables] = process.argv.slice(2);
if (query === undefined) {
  console.error('usage: node subscriber.mjs URL TOKEN DOCUMENT [VARIABLES]');
  process.exit(2);
}

function say(happening) {
  process.stdout.write(`${JSON.stringify(happening)}\n`);
}

// The server's errors are a list; a lost connection is a close event, and anything else an Error.
function errorsOf(failure) {
  if (Array.isArray(failure)) return failure;
  if (failure instanceof Error) return [{ message: failure.message }];
  return undefined;
}

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${token}` },
  // what the server does is what a test asks about: nothing is tried twice, and the socket closes at once
  retryAttempts: 0,
  lazyCloseTimeout: 0,
  on: {
    connected: () => say({ type: 'connected' }),
    closed: (event) => say({ type: 'closed', code: event?.code, reason: event?.reason }),
  },
});

const payload = { query, variables: variables ? JSON.parse(variables) : undefined };
client.subscribe(payload, {
  next: (result) => say({ type: 'next', payload: result }),
  error: (failure) => {
    const errors = errorsOf(failure);
    // a lost connection is told by `closed` already
    if (errors) say({ type: 'error', payload: errors });
  },
  complete: () => say({ type: 'complete' }),
});

async function leave() {
  await client.dispose();
  // a server that never answers the close must not keep this process
  process.stdout.write('', () => process.exit(0));
}
process.stdin.on('end', leave);
process.stdin.on('close', leave);
process.stdin.resume();
