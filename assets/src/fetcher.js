// Sends what the editor asks: queries and mutations by POST, subscriptions by WebSocket, both with the same token.
import { getOperationAST } from 'graphql';
import { createClient } from 'graphql-ws';

const endpoint = new URL('graphql', document.baseURI);
const socketEndpoint = new URL(endpoint);
socketEndpoint.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';

const hint = { errors: [{ message: 'No token yet: paste one into the box at the top of the page.' }] };

/** `currentToken()` gives the token of the box; an Authorization header typed in the headers editor wins over it. */
export function fetcherWith(currentToken) {
  return (params, options = {}) => {
    const headers = withToken(options.headers ?? {}, currentToken());
    if (isSubscription(params, options.documentAST)) return subscribe(params, headers);
    // a request that must be refused would only fill the console at first sight of the page
    if (params.operationName === 'IntrospectionQuery' && !authorizationOf(headers)) return Promise.resolve(hint);
    return post(params, headers);
  };
}

function authorizationOf(headers) {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
}

function withToken(headers, token) {
  return token && !authorizationOf(headers) ? { ...headers, Authorization: `Bearer ${token}` } : headers;
}

function isSubscription(params, documentAST) {
  return Boolean(documentAST) && getOperationAST(documentAST, params.operationName)?.operation === 'subscription';
}

async function post(params, headers) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/graphql-response+json, application/json;q=0.9',
      ...headers,
    },
    body: JSON.stringify(params),
    credentials: 'omit',
    redirect: 'error',
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return { errors: [{ message: `The server answered ${response.status} without JSON.` }] };
  }
}

// Not a generator: `return()` of a generator waits for the pending event, so the stop button would hang.
function subscribe(params, headers) {
  const connectionParams = { ...headers };
  const authorization = authorizationOf(headers);
  if (authorization) connectionParams.Authorization = authorization;
  const client = createClient({ url: socketEndpoint.href, connectionParams, retryAttempts: 0 });
  const events = client.iterate(params);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      try {
        return await events.next();
      } catch (failure) {
        throw failure instanceof CloseEvent
          ? new Error(`The server closed the connection: ${failure.code} ${failure.reason}`.trim())
          : failure;
      }
    },
    async return() {
      await events.return();
      await client.dispose();
      return { done: true, value: undefined };
    },
  };
}
