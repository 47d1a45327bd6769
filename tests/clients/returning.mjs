// The graphql-ws client as people use it, which comes back by itself: node returning.mjs URL TOKENFILE
//
// Follows the feed from now on. The token is read anew for every connection, and whenever the client comes back it goes on
// from the last cursor it has seen. Leaves when its stdin closes; `pause` and `resume` on it stop and go on with reading,
// `complete` ends the subscription and keeps the connection. Prints one line of JSON for each thing that happens:
//   {"type":"connected","again":…}      the server acknowledged the connection
//   {"type":"event","cursor":…}         something happened
//   {"type":"resumed","outcome":…,"replayed":…,"cursor":…}
//   {"type":"pong"}                     the server answered a ping of the client
//   {"type":"closed","code":…}          the connection is gone
//   {"type":"ended","why":…}            the client gave up, or the operation failed
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const require = createRequire(join(process.env.QUORATE_CLIENTS_DIR, 'package.json'));
const { createClient } = require('graphql-ws');
const WebSocket = require('ws');

const [url, file] = process.argv.slice(2);
const say = (happening) => process.stdout.write(`${JSON.stringify(happening)}\n`);
let socket;

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: () => ({ Authorization: `Bearer ${readFileSync(file, 'utf8')}` }),
  // the connection outlives its subscriptions
  lazy: false,
  keepAlive: 500,
  // a server that is not there yet is an error to `ws`, which the client would take for its own
  shouldRetry: () => true,
  onNonLazyError: (failure) => say({ type: 'ended', why: String(failure) }),
  on: {
    opened: (opened) => {
      socket = opened;
    },
    connected: (_socket, _payload, again) => say({ type: 'connected', again }),
    pong: (received) => {
      if (received) say({ type: 'pong' });
    },
    closed: (event) => say({ type: 'closed', code: event?.code }),
  },
});

const query = `subscription($after: String) { feed(after: $after, kinds: [AGENCY_REFERENCE_SET]) { __typename
  ... on FeedEvent { cursor } ... on FeedResumedEvent { outcome replayed cursor } } }`;
// sent as it stands whenever the client comes back
const payload = { query, variables: { after: null } };
const complete = client.subscribe(payload, {
  next: ({ data, errors }) => {
    if (errors) return say({ type: 'ended', why: errors });
    payload.variables.after = data.feed.cursor;
    const { outcome, replayed, cursor } = data.feed;
    return say(outcome ? { type: 'resumed', outcome, replayed, cursor } : { type: 'event', cursor });
  },
  error: (failure) => say({ type: 'ended', why: failure?.code ?? failure }),
  complete: () => {},
});

const told = { pause: () => socket.pause(), resume: () => socket.resume(), complete };
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => told[line]());
lines.on('close', () => process.exit(0));
