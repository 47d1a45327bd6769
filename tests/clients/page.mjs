// GraphiQL as a person uses it, in headless Chromium: node page.mjs URL TOKEN [SCREENSHOT.png]
//
// Run by scripts/check-graphiql. CHROMIUM is the browser.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const require = createRequire(join(resolve(process.env.QUORATE_CLIENTS_DIR), 'package.json'));
const { chromium } = require('playwright-core');

const [url, token, screenshot] = process.argv.slice(2);
const home = new URL(url).host;
const faults = [];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`page: ${error.message}`));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (!['data:', 'blob:'].includes(protocol) && host !== home) faults.push(`foreign request: ${request.url()}`);
  });
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== home) faults.push(`foreign socket: ${socket.url()}`);
  });

  await page.goto(url);
  await page.locator('.graphiql-query-editor .view-lines').waitFor({ timeout: 30_000 });
  await page.fill('#token', token);
  await page.press('#token', 'Enter');
  const answer = page.waitForResponse(
    (response) => response.request().postData()?.includes('WhatCanIAsk') ?? false,
    { timeout: 20_000 },
  );
  await page.locator('.graphiql-execute-button').click();
  const body = await (await answer).json();
  if (body.data && !body.errors) {
    await page.locator('.result-window').getByText('queryType').first().waitFor({ timeout: 20_000 });
  } else {
    faults.push(`answer: ${JSON.stringify(body).slice(0, 500)}`);
  }
  // time for the editor's workers to start and to complain
  await page.waitForTimeout(3000);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  if (kept.includes(token)) faults.push('the token is kept in the storage of the browser');
  console.log(`workers: ${page.workers().length}`);
  if (screenshot) await page.screenshot({ path: screenshot });
} finally {
  await browser.close();
}

for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? 'no violation, no error, no foreign request' : `${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
