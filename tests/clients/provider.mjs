// An identity provider of the kind an authority runs: node provider.mjs PERSONAS
//
// PERSONAS is a JSON object: client id → {sub, agency_id, roles, scope}. Each client gets access tokens of its
// persona by client_credentials (secret `secret`), for a resource urn:quorate:KIND:ALG; KIND is api, other (another
// audience), foreign (another issuer) or short (a second long). Standard output:
//   {"type":"listening","issuer":…,"jwks":…}  it answers
//   {"type":"jwks"}                             its keys were fetched
//   {"type":"done","command":…}                a command of standard input was carried out:
//     rotate: fresh keys sign, the former ones stay published    withdraw: only the newest are published
//     down: stops to listen                                       up: listens again
import * as crypto from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// its warnings about a development set-up belong on standard error
console.info = console.error;
console.log = console.error;
console.warn = console.error;

const require = createRequire(join(process.env.QUORATE_CLIENTS_DIR, 'package.json'));
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));
const personas = JSON.parse(process.argv[2]);
const say = (happening) => process.stdout.write(`${JSON.stringify(happening)}\n`);

// By way of their text: Node 20 locks a pair while it exports one half as JWK, and waits for itself if the other half is collected
// meanwhile.
const encoding = {
  publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
};

function freshKeys() {
  const pairs = [
    ['ES256', crypto.generateKeyPairSync('ec', { namedCurve: 'P-256', ...encoding })],
    ['RS256', crypto.generateKeyPairSync('rsa', { modulusLength: 2048, ...encoding })],
    ['EdDSA', crypto.generateKeyPairSync('ed25519', encoding)],
  ];
  return pairs.map(([alg, { privateKey }]) => ({
    ...crypto.createPrivateKey(privateKey).export({ format: 'jwk' }), alg, use: 'sig', kid: `${alg}-${crypto.randomUUID()}`,
  }));
}

function provider(issuer, keys) {
  return new Provider(issuer, {
    // the first key that fits signs: the newest
    jwks: { keys },
    cookies: { keys: [crypto.randomUUID()] },
    scopes: ['read', 'submit', 'subscribe', 'analytics', 'export', 'emergency', 'audit'],
    clients: Object.keys(personas).map((client_id) => ({
      client_id, client_secret: 'secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
    })),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_ctx, resource, client) {
          const [, , kind, alg] = resource.split(':');
          return {
            scope: personas[client.clientId].scope,
            audience: kind === 'other' ? 'another-api' : 'cp-partner-api',
            accessTokenTTL: kind === 'short' ? 1 : 3600,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg } },
          };
        },
      },
    },
    extraTokenClaims(_ctx, token) {
      const { agency_id, roles } = personas[token.clientId];
      return { agency_id, roles };
    },
    formats: {
      customizers: {
        jwt(_ctx, token, parts) {
          parts.payload.sub = personas[token.clientId].sub;
          if (token.resourceServer.identifier().includes(':foreign:')) parts.payload.iss = 'https://elsewhere.example';
        },
      },
    },
  }).callback();
}

let keys = freshKeys();
let answer;
const server = createServer((request, response) => {
  if (request.url === '/jwks') say({ type: 'jwks' });
  answer(request, response);
});
const listen = (port) => new Promise((done) => { server.listen(port, '127.0.0.1', done); });
const close = () => new Promise((done) => { server.close(done); server.closeAllConnections(); });

await listen(0);
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}`;
answer = provider(issuer, keys);
say({ type: 'listening', issuer, jwks: `${issuer}/jwks` });

const commands = {
  rotate() { keys = [...freshKeys(), ...keys]; answer = provider(issuer, keys); },
  withdraw() { keys = keys.slice(0, 3); answer = provider(issuer, keys); },
  down: close,
  up: () => listen(port),
};
const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  await commands[line]();
  say({ type: 'done', command: line });
}
process.exit(0);
