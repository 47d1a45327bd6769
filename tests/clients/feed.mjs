// The feed through the clients people use: node feed.mjs sse|apollo|urql URL HTTP TOKEN [CURSOR]
//
// Listens until its stdin closes, from CURSOR on or from now on, and prints a line of JSON for each thing that happens:
//   {"type":"event","meeting":…}            a strategy meeting was called
//   {"type":"cursor","cursor":…}            where to go on
//   {"type":"resumed","outcome":…,"replayed":…}
//   {"type":"refused","code":…}             the operation failed
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.QUORATE_CLIENTS_DIR, 'package.json'));
const [kind, url, http, token, cursor] = process.argv.slice(2);
const say = (happening) => process.stdout.write(`${JSON.stringify(happening)}\n`);
const Authorization = `Bearer ${token}`;
const variables = { after: cursor ?? null };
const query = `subscription Feed($after: String) { feed(after: $after, kinds: [STRATEGY_MEETING_CALLED]) { __typename
  ... on FeedEvent { cursor strategyMeeting { id } } ... on FeedResumedEvent { outcome replayed cursor } } }`;

function heard(result) {
  const [error] = result.errors ?? result.error?.graphQLErrors ?? result.error?.errors ?? [];
  if (error) {
    say({ type: 'refused', code: error.extensions?.code });
    return;
  }
  const item = result.data?.feed;
  if (!item) return;
  if (item.__typename === 'FeedResumedEvent') {
    say({ type: 'resumed', outcome: item.outcome, replayed: item.replayed });
  } else {
    say({ type: 'event', meeting: item.strategyMeeting.id });
    say({ type: 'cursor', cursor: item.cursor });
  }
}

// the socket of Apollo Client and of urql is that of graphql-ws
const socket = () =>
  require('graphql-ws').createClient({
    url,
    webSocketImpl: require('ws'),
    connectionParams: { Authorization },
    retryAttempts: 0,
  });
const failed = (failure) => heard({ errors: Array.isArray(failure) ? failure : failure?.errors ?? [] });

const clients = {
  sse() {
    const client = require('graphql-sse').createClient({ url: http, headers: { Authorization }, retryAttempts: 0 });
    client.subscribe({ query, variables }, { next: heard, error: failed, complete: () => {} });
  },
  apollo() {
    const { ApolloClient, InMemoryCache, gql } = require('@apollo/client');
    const { GraphQLWsLink } = require('@apollo/client/link/subscriptions');
    const client = new ApolloClient({ link: new GraphQLWsLink(socket()), cache: new InMemoryCache() });
    const told = client.subscribe({ query: gql(query), variables, errorPolicy: 'all', fetchPolicy: 'no-cache' });
    told.subscribe({ next: heard, error: failed });
  },
  urql() {
    const { Client, fetchExchange, subscriptionExchange } = require('@urql/core');
    const ws = socket();
    const forwardSubscription = (request) => ({
      subscribe: (sink) => ({ unsubscribe: ws.subscribe({ ...request, query: request.query ?? '' }, sink) }),
    });
    const client = new Client({
      url: http,
      exchanges: [fetchExchange, subscriptionExchange({ forwardSubscription })],
      preferGetMethod: false,
    });
    client.subscription(query, variables).subscribe(heard);
  },
};

clients[kind]();
process.stdin.on('end', () => process.exit(0));
process.stdin.on('close', () => process.exit(0));
process.stdin.resume();
