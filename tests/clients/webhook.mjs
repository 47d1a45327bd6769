// Checks signatures as receivers do, with the package `standardwebhooks`: node webhook.mjs SECRET ID TIMESTAMP SIGNATURE BODY
//
// Prints one line of JSON: {"type":"checked","verified":true|false,"why":…}. The clock stands at TIMESTAMP, as that of the
// server does.
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = resolve(process.env.QUORATE_CLIENTS_DIR ?? join(here, '../../target/clients'));
const require = createRequire(join(packages, 'package.json'));
const { Webhook } = require('standardwebhooks');

const [secret, id, timestamp, signature, body] = process.argv.slice(2);
if (body === undefined) {
  console.error('usage: node webhook.mjs SECRET ID TIMESTAMP SIGNATURE BODY');
  process.exit(2);
}

const Real = Date;
const now = Number(timestamp) * 1000;
globalThis.Date = class extends Real {
  constructor(...of) {
    super(...(of.length === 0 ? [now] : of));
  }
  static now() {
    return now;
  }
};

function said() {
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  try {
    new Webhook(secret).verify(body, headers);
    return { type: 'checked', verified: true };
  } catch (error) {
    return { type: 'checked', verified: false, why: error.message };
  }
}

process.stdout.write(`${JSON.stringify(said())}\n`);
// who started it reads the line and then ends it
process.stdin.resume();
