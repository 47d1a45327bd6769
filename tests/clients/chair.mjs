// The chair's desk as a chair uses it, in real Chromium, with axe-core on every view: node chair.mjs URL TOKEN [FOLDER FOR SCREENSHOTS]
//
// From a cell of the heat map to its list, to a letter, to an escalation and its outcome, by clicking and by keyboard alone; then
// every view in light, dark, narrow and on paper. CHROMIUM is the browser.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const require = createRequire(join(resolve(process.env.QUORATE_CLIENTS_DIR), 'package.json'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const [url, token, folder] = process.argv.slice(2);
const home = new URL(url).host;
const faults = [];

/** What the API says, to know where to click. */
async function ask(query, variables) {
  const answer = await fetch(new URL('/graphql', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await answer.json()).data;
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });

async function open(name, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  page.on('console', (message) => message.type() === 'error' && faults.push(`${name} console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`${name} page: ${error.message}`));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (!['data:', 'blob:'].includes(protocol) && host !== home) faults.push(`${name} foreign request: ${request.url()}`);
  });
  await page.goto(url);
  await look(page, `${name} signed out`);
  await page.fill('#token', token);
  await page.press('#token', 'Enter');
  await settled(page);
  return page;
}

/** Waits until the view that the address names is shown. */
async function settled(page, heading) {
  if (heading) await page.locator('h1', { hasText: heading }).waitFor({ timeout: 15_000 });
  else await page.waitForFunction(() => document.querySelector('h1').textContent !== 'Chair’s desk', null, { timeout: 15_000 });
  await page.waitForFunction(() => !document.querySelector('main').hasAttribute('aria-busy'));
  const failed = await page.locator('.error').allTextContents();
  if (failed.length > 0) faults.push(`shown: ${failed.join(' ')}`);
}

/** What axe-core says of the page, by WCAG 2.2 AA and by its own best practice. */
async function look(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  for (const { id, help, nodes } of found.violations) faults.push(`${name}: ${id}: ${help}: ${nodes.slice(0, 3).map((n) => n.html).join(' ')}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) faults.push(`${name}: the page scrolls sideways by ${wide}`);
  if (folder) await page.screenshot({ path: join(folder, `chair-${name.replaceAll(' ', '-')}.png`), fullPage: true });
}

async function tab(page, name, heading) {
  await page.getByRole('link', { name, exact: true }).first().click();
  await settled(page, heading);
}

const TABS = [['Conferences', 'Conferences'], ['Overdue', 'Overdue'], ['Non-attendance', 'Non-attendance'], ['Letters', 'Letters'], ['Escalations', 'Escalations']];

/** From a cell to its list, to a letter, to an escalation and its outcome. */
async function path(page) {
  const { it } = await ask('{ it: nonAttendanceInvitations(list: MISSED, first: 100) { nodes { meetingKind scheduledAt agency { name } } } }');
  const missed = it.nodes.find((each) => each.meetingKind === 'CONFERENCE');
  if (!missed) throw new Error('nobody stayed away from a conference of this chair');
  const at = new Date(missed.scheduledAt).toLocaleDateString('en-GB', { month: 'short', year: '2-digit', timeZone: 'Europe/London' });
  await tab(page, 'Non-attendance', 'Non-attendance');
  await page.locator(`.heat a[aria-label$="missed: ${missed.agency.name}, ${at}"]`).click();
  await settled(page, `Missed by ${missed.agency.name}`);
  await look(page, 'light list');
  await page.getByRole('button', { name: 'Write letter' }).first().click();
  await settled(page, `Letter to ${missed.agency.name}`);
  await page.getByText(`To the safeguarding lead of ${missed.agency.name}`).waitFor();
  await look(page, 'light letter');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as PDF' }).click();
  await download;
  await page.getByRole('button', { name: 'Record as sent' }).click();
  await page.getByText('Recorded as sent.').waitFor();
  await page.emulateMedia({ media: 'print' });
  if (await page.locator('.tabs').isVisible()) faults.push('the tabs are printed');
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('link', { name: 'Take up with the agency' }).click();
  await settled(page, `Take up with ${missed.agency.name}`);
  await look(page, 'light raise');
  await page.fill('#reason', 'Seen at the review of the quarter.');
  await page.getByRole('button', { name: 'Raise' }).click();
  await settled(page, `Escalation: ${missed.agency.name}`);
  await look(page, 'light escalation');
  await page.fill('#meetingAt', '2099-07-06T10:00');
  await page.getByRole('button', { name: 'Record meeting' }).click();
  await page.locator('.tag', { hasText: 'Meeting agreed' }).waitFor();
  await page.getByText('Meeting: 6 Jul 2099, 10:00.').waitFor();
  await page.selectOption('#outcome', 'ACTION_AGREED');
  await page.fill('#text', 'A deputy is named.');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.locator('.tag', { hasText: 'Closed' }).waitFor();
  await page.getByText('Action agreed. A deputy is named.').waitFor();
}

/** By keyboard alone: past the head of the page, and from a mark of the funnel to its list. */
async function keyboard(page) {
  await tab(page, 'Non-attendance', 'Non-attendance');
  await page.evaluate(() => document.activeElement.blur());
  await page.evaluate(() => document.querySelector('.skip').focus());
  await page.keyboard.press('Enter');
  if ((await page.evaluate(() => document.activeElement.id)) !== 'main') faults.push('the skip link does not lead to the main content');
  for (let n = 0; n < 40; n += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement.closest('svg') !== null)) {
      await page.keyboard.press('Enter');
      await settled(page, 'Missed by');
      return;
    }
  }
  faults.push('no mark of the funnel is reached by the keyboard');
}

try {
  // elsewhere in the world: what is shown and typed is the time in England all the same
  const light = await open('light', { colorScheme: 'light', viewport: { width: 1280, height: 900 }, timezoneId: 'America/New_York' });
  await path(light);
  await keyboard(light);
  for (const [name, options] of [
    ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
    ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }],
    ['narrow', { colorScheme: 'light', viewport: { width: 360, height: 780 } }],
  ]) {
    const page = await open(name, options);
    for (const [link, heading] of TABS) {
      await tab(page, link, heading);
      await look(page, `${name} ${link}`);
    }
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
    if (kept.includes(token)) faults.push('the token is kept in the storage of the browser');
  }
} catch (error) {
  faults.push(`stopped: ${error.message}`);
} finally {
  await browser.close();
}

for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? 'every view holds' : `${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
