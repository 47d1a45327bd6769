// The chair's desk: a reference front end that uses nothing but the public API at /graphql. No build step, no library; the
// token is kept in a variable and nowhere else. Read from the bottom: `views` names what each address shows.
'use strict';

let token = '';
const main = document.getElementById('main');
const said = document.getElementById('said');

// --- the API -------------------------------------------------------------------------------------------------------------

/** Asks the API; throws what a person should read. */
async function ask(query, variables = {}) {
  const answer = await fetch('/graphql', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-purpose': 'CONFERENCE_PREP' },
    body: JSON.stringify({ query, variables }),
  });
  const body = await answer.json();
  if (body.errors) throw new Error(body.errors[0].message);
  return body.data;
}

/** Changes something, under the key of the form or button it comes from: pressed again, the same change is made once. */
async function change(key, name, input, selection) {
  const type = name[0].toUpperCase() + name.slice(1);
  const query = `mutation Change($input: ${type}Input!) { it: ${name}(input: $input) { ${selection} userErrors { message } } }`;
  const { it } = await ask(query, { input: { idempotencyKey: key, ...input } });
  if (it.userErrors.length > 0) throw new Error(it.userErrors.map((error) => error.message).join(' '));
  return it;
}

/** Pages of a list at the most: three thousand rows, or three years of eighty agencies by month. */
const PAGES = 30;

/** All rows of a list, page by page; `read` asks for the page after a cursor and picks the list out of the answer. */
async function all(read) {
  const rows = [];
  for (let page = 0, after = null; page < PAGES; page += 1) {
    const { nodes, pageInfo } = await read(after);
    rows.push(...nodes);
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  return rows;
}

const LETTER = 'id about status writtenAt sentAt replyDueAt reason contested agency { name } invitation { id }';

/** The letters that stand so, or all. */
const lettersThat = (status) => all(async (after) => (await ask(`query Letters($status: NonAttendanceLetterStatus, $after: String) {
  nonAttendanceLetters(status: $status, first: 100, after: $after) { nodes { ${LETTER} } pageInfo { hasNextPage endCursor } } }`,
{ status, after })).nonAttendanceLetters);

// --- making elements -----------------------------------------------------------------------------------------------------

/** An element: h('a', { href: '#x' }, 'text', child …). Text is never read as markup. */
function h(name, attributes = {}, ...children) {
  const svg = ['svg', 'g', 'line', 'circle', 'path', 'text', 'title', 'desc', 'polyline'].includes(name) || attributes.svg;
  const element = svg ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'svg' || value === undefined || value === false || value === null) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const KNOWN = { CSC: 'Children’s social care', OTHER_LA: 'Another authority' };
const words = (code) => (code ? KNOWN[code] ?? code[0] + code.slice(1).toLowerCase().replaceAll('_', ' ') : '–');
const day = (text) => (text ? new Date(text).toLocaleDateString('en-GB', { dateStyle: 'medium', timeZone: 'Europe/London' }) : '–');
const hour = (text) => new Date(text).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Europe/London' });
/** The instant of a date and time as a clock in England shows them, wherever the browser is. */
function instant(shown) {
  const guess = new Date(`${shown}Z`);
  const there = guess.toLocaleString('sv-SE', { timeZone: 'Europe/London', dateStyle: 'short', timeStyle: 'short' });
  return new Date(2 * guess - new Date(`${there.replace(' ', 'T')}Z`)).toISOString();
}
const percent = (rate) => `${(rate * 100).toFixed(1)} %`;
const tag = (text, kind) => h('strong', { class: `tag ${kind}` }, text);
/** The text of a date field at the start of a month, so many months from now. */
function month(offset) {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)).toISOString().slice(0, 10);
}
const monthAfter = (first) => new Date(Date.UTC(+first.slice(0, 4), +first.slice(5, 7), 1)).toISOString().slice(0, 10);

/** A table of columns [heading, cell, numeric]. */
function table(caption, columns, rows, none = 'There is nothing here.') {
  if (rows.length === 0) return h('p', {}, h('strong', {}, `${caption}: `), none);
  const head = columns.map(([name, , n]) => h('th', { scope: 'col', class: n && 'n' }, name));
  const line = (row) => h('tr', {}, columns.map(([, cell, n]) => h('td', { class: n && 'n' }, cell(row))));
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h('table', {}, h('caption', {}, caption), h('thead', {}, h('tr', {}, head)), h('tbody', {}, rows.map(line))));
}

/** A button that does something under a key of its own, and says what became of it. It rests while that runs. */
function action(label, run, about, plain = true) {
  const key = crypto.randomUUID();
  return h('button', {
    class: plain && 'plain', type: 'button', 'aria-label': about && `${label}: ${about}`,
    onclick: async (event) => {
      event.target.disabled = true;
      try {
        await run(key);
      } catch (error) {
        tell(error.message);
      } finally {
        event.target.disabled = false;
      }
    },
  }, label);
}

function tell(text) {
  said.textContent = '';
  // emptied first, so that the same words are read out again
  setTimeout(() => { said.textContent = text; }, 50);
}

// --- conferences ---------------------------------------------------------------------------------------------------------

const CONFERENCE = `id kind status scheduledAt venue
  attendance { quorum { met missing forecast says } nonAttenders { invitationId reason missedRunning isPattern attendance agency { name } } }
  invitations(first: 40) { nodes { id reply reportStatus attendance agency { name } } }
  nonAttendanceLetters(first: 40) { nodes { id status invitation { id } } }`;

async function conferences() {
  const now = new Date().toISOString();
  const data = await ask(`query Conferences($from: DateTime, $past: DateTime) {
    coming: conferences(filter: {status: SCHEDULED, from: $from}, order: SOONEST_FIRST, first: 8) { nodes { ${CONFERENCE} } }
    held: conferences(filter: {from: $past, until: $from}, first: 8) { nodes { ${CONFERENCE} } } }`,
  { from: now, past: new Date(Date.now() - 60 * 864e5).toISOString() });
  return [
    h('h1', {}, 'Conferences'),
    h('h2', {}, 'Coming'),
    data.coming.nodes.map(coming),
    data.coming.nodes.length === 0 && h('p', {}, 'No conference of yours is scheduled.'),
    h('h2', {}, 'Held in the last 60 days: who is asked why'),
    data.held.nodes.filter((each) => each.attendance?.nonAttenders?.length).map(held),
    h('p', { class: 'quiet' }, 'Whom to ask is listed where your authority’s practice asks for it. Anybody who stayed away can be found under Non-attendance.'),
  ];
}

function coming(conference) {
  const invited = conference.invitations.nodes;
  const replied = invited.filter((each) => each.reply && each.reply !== 'AWAITED').length;
  const asked = invited.filter((each) => each.reportStatus && each.reportStatus !== 'NOT_ASKED');
  const here = asked.filter((each) => ['ON_TIME', 'LATE'].includes(each.reportStatus)).length;
  const quorum = conference.attendance?.quorum;
  return h('section', {},
    h('h3', {}, `${words(conference.kind)} conference, ${hour(conference.scheduledAt)}`),
    h('p', {}, `${conference.venue}. Replied: ${replied} of ${invited.length}. Reports in: ${here} of ${asked.length}. Quorum forecast: `,
      quorum ? tag(quorum.met ? 'Quorate' : 'Not quorate', quorum.met ? 'good' : 'bad') : 'no number is set',
      quorum && !quorum.met && quorum.missing.length > 0 && ` Missing: ${quorum.missing.map(words).join(', ')}.`),
    table(`Invited to it: ${words(conference.kind).toLowerCase()} conference, ${hour(conference.scheduledAt)}`, [
      ['Agency', (row) => row.agency?.name ?? 'Withheld'],
      ['Reply', (row) => words(row.reply)],
      ['Report', (row) => words(row.reportStatus)],
    ], invited));
}

function held(conference) {
  const letters = new Map(conference.nonAttendanceLetters.nodes.map((each) => [each.invitation?.id, each]));
  return table(`${words(conference.kind)} conference, ${hour(conference.scheduledAt)}`, [
    ['Agency', (row) => row.agency?.name ?? 'Withheld'],
    ['Asked about', (row) => words(row.reason)],
    ['Recorded', (row) => words(row.attendance)],
    ['Missed in a row', (row) => [`${row.missedRunning} `, row.isPattern && tag('Pattern', 'bad')]],
    ['Letter', (row) => letterOf(letters.get(row.invitationId), row.invitationId, row.agency?.name)],
  ], conference.attendance.nonAttenders);
}

/** A link to the letter, or the button that writes it. */
function letterOf(letter, invitationId, name) {
  if (letter) return h('a', { href: `#letter/${letter.id}` }, words(letter.status));
  return action('Write letter', async (key) => {
    const { letter: written } = await change(key, 'writeNonAttendanceLetter', { invitationId }, 'letter { id }');
    location.hash = `#letter/${written.id}`;
  }, name);
}

// --- overdue -------------------------------------------------------------------------------------------------------------

async function overdue() {
  const data = await ask(`{ deadlines(filter: {statuses: [OVERDUE]}, first: 50) { nodes { kind dueAt agency { name }
      conference { scheduledAt } explanation { rule says countedFrom amount unit before skippedDays { day } } } pageInfo { hasNextPage } } }`);
  const silent = await lettersThat('NO_REPLY');
  const why = ({ explanation: e }) => [
    `${e.says ?? e.rule} (${e.rule}). Counted ${e.before ? 'back from' : 'from'} ${day(e.countedFrom)}: ${e.amount} ${words(e.unit).toLowerCase()}`,
    e.skippedDays.length > 0 ? `, ${e.skippedDays.length} days passed over.` : '.',
  ];
  return [
    h('h1', {}, 'Overdue, and why'),
    data.deadlines.pageInfo.hasNextPage && h('p', {}, 'The first 50 are shown.'),
    table('What is overdue', [
      ['What', (row) => words(row.kind)],
      ['Due', (row) => day(row.dueAt)],
      ['Whose', (row) => row.agency?.name ?? 'Withheld'],
      ['Conference', (row) => day(row.conference?.scheduledAt)],
      ['Why then', why],
    ], data.deadlines.nodes, 'Nothing is overdue.'),
    table('Letters without a reply', [
      ['Agency', (row) => h('a', { href: `#letter/${row.id}` }, row.agency?.name ?? 'Withheld')],
      ['Sent', (row) => day(row.sentAt)],
      ['Reply was due', (row) => day(row.replyDueAt)],
    ], silent, 'Every letter has its reply, or time for it.'),
  ];
}

// --- non-attendance ------------------------------------------------------------------------------------------------------

const chosen = { from: month(-11), until: month(1), meetingKind: '' };
const RATE = '{ missed of rate low high }';

async function absence() {
  const filter = { from: chosen.from, until: chosen.until, meetingKind: chosen.meetingKind || null };
  const data = await ask(`query Absence($filter: NonAttendanceFilterInput) {
    agencies: nonAttendance(filter: $filter, groupBy: [AGENCY]) { partnership ${RATE} method { says }
      bucketPage(first: 100, sort: ADJUSTED_RATE) { pageInfo { hasNextPage } nodes { agency { id name } invitations withProperNotice
        rawRate ${RATE} adjustedRate ${RATE} funnel { lower2 upper2 lower3 upper3 } trend { difference direction }
        streak { longest children } isPattern } } } }`, { filter });
  const months = await eachMonth(filter);
  const rows = data.agencies.bucketPage.nodes;
  return [
    h('h1', {}, 'Non-attendance'),
    filters(),
    h('p', {}, data.agencies.method.says),
    h('h2', {}, 'Funnel: each agency beside the partnership'),
    funnel(rows, data.agencies.partnership),
    data.agencies.bucketPage.pageInfo.hasNextPage && h('p', {}, 'The hundred agencies with the highest rates are shown.'),
    h('h2', {}, 'Agencies'),
    table('Highest rate first, of those with proper notice', [
      ['Agency', (row) => h('a', { href: list(row.agency.id, chosen.from, chosen.until) }, row.agency.name)],
      ['Invited', (row) => row.invitations, true],
      ['Proper notice', (row) => row.withProperNotice, true],
      ['Missed of all', (row) => row.rawRate && `${row.rawRate.missed} of ${row.rawRate.of}`, true],
      ['Missed with notice', (row) => row.adjustedRate && `${row.adjustedRate.missed} of ${row.adjustedRate.of}`, true],
      ['Rate (95 %)', (row) => row.adjustedRate && `${percent(row.adjustedRate.rate)} (${percent(row.adjustedRate.low)}–${percent(row.adjustedRate.high)})`, true],
      ['Trend', (row) => words(row.trend?.direction)],
      ['Longest for a child', (row) => row.streak?.longest ?? '–', true],
      ['Taken up', (row) => row.isPattern && [tag('Pattern', 'bad'), ' ', h('a', { href: `#raise/${row.agency.id}` }, `Take up with ${row.agency.name}`)]],
    ], rows),
    h('h2', {}, 'Agency by month'),
    heat(months),
    months.length === PAGES * 100 && h('p', {}, `The first ${months.length} cells are shown; take a shorter time for the rest.`),
  ];
}

/** The cells of the heat map: an authority has more of them in a year than are listed at once. */
const eachMonth = (filter) => all(async (after) => (await ask(`query Months($filter: NonAttendanceFilterInput, $after: String) {
  nonAttendance(filter: $filter, groupBy: [AGENCY, MONTH]) { bucketPage(first: 100, after: $after) {
    nodes { month agency { id name } rawRate { missed of rate } } pageInfo { hasNextPage endCursor } } } }`,
{ filter, after })).nonAttendance.bucketPage);

const list = (agency, from, until) => `#list/${agency}/${from}/${until}`;

function filters() {
  const field = (name, label, control) => h('div', {}, h('label', { for: name }, label), control);
  const kinds = [['', 'All'], ['CONFERENCE', 'Conferences'], ['STRATEGY_MEETING', 'Strategy meetings'], ['CORE_GROUP', 'Core groups']];
  return h('form', {
    class: 'filters',
    onsubmit: (event) => {
      event.preventDefault();
      for (const name of ['from', 'until', 'meetingKind']) chosen[name] = event.target.elements[name].value;
      show();
    },
  },
  field('from', 'From', h('input', { id: 'from', name: 'from', type: 'date', value: chosen.from, required: true })),
  field('until', 'Until before', h('input', { id: 'until', name: 'until', type: 'date', value: chosen.until, required: true })),
  field('meetingKind', 'Meetings', h('select', { id: 'meetingKind', name: 'meetingKind' },
    kinds.map(([value, text]) => h('option', { value, selected: value === chosen.meetingKind }, text)))),
  h('button', {}, 'Show'));
}

/** The funnel plot: how often invited with proper notice, and how much of that was missed. The table below says the same. */
function funnel(rows, partnership) {
  const points = rows.filter((row) => row.adjustedRate);
  if (!partnership || points.length === 0) return h('p', {}, 'There is no attendance to show.');
  const [width, height, left, bottom] = [900, 420, 60, 50];
  const most = Math.max(...points.map((row) => row.adjustedRate.of)) * 1.05;
  const top = Math.min(1, Math.max(0.3, ...points.map((row) => row.adjustedRate.rate)) * 1.1);
  const x = (n) => left + (n / most) * (width - left - 20);
  const y = (rate) => height - bottom - (Math.min(rate, top) / top) * (height - bottom - 20);
  const p = partnership.rate;
  const limit = (sigma, sign) => {
    const at = [];
    for (let n = 1; n <= most; n += Math.max(0.5, most / 200)) {
      const rate = Math.min(top, Math.max(0, p + sign * sigma * Math.sqrt((p * (1 - p)) / n)));
      at.push(`${x(n).toFixed(1)},${y(rate).toFixed(1)}`);
    }
    return h('polyline', { class: sigma === 2 ? 'two' : 'three', points: at.join(' ') });
  };
  const grid = [0, 1, 2, 3, 4].map((i) => (top * i) / 4).map((rate) => [
    h('line', { class: 'grid', x1: left, x2: width - 20, y1: y(rate), y2: y(rate) }),
    h('text', { x: left - 8, y: y(rate) + 4, 'text-anchor': 'end' }, percent(rate)),
  ]);
  const ticks = [0.25, 0.5, 0.75, 1].map((part) => Math.round(most * part / 1.05)).map((n) =>
    h('text', { x: x(n), y: height - bottom + 18, 'text-anchor': 'middle' }, String(n)));
  const mark = (row) => {
    const { missed, of, rate } = row.adjustedRate;
    const label = `${row.agency.name}: ${missed} of ${of} missed, ${percent(rate)}${row.isPattern ? ', a pattern' : ''}`;
    const [cx, cy] = [x(of), y(rate)];
    // a pattern has another shape, not another colour alone
    const shape = row.isPattern ? h('path', { d: `M${cx} ${cy - 9}L${cx + 9} ${cy}L${cx} ${cy + 9}L${cx - 9} ${cy}Z` }) : h('circle', { cx, cy, r: 6 });
    return h('a', { svg: true, href: list(row.agency.id, chosen.from, chosen.until), class: row.isPattern && 'pattern', 'aria-label': label },
      h('title', {}, label), shape);
  };
  return h('figure', {},
    h('svg', { class: 'funnel', viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'Funnel plot of missed meetings by agency' },
      grid, ticks,
      h('line', { class: 'axis', x1: left, x2: width - 20, y1: height - bottom, y2: height - bottom }),
      h('line', { class: 'centre', x1: left, x2: width - 20, y1: y(p), y2: y(p) }),
      [2, 3].flatMap((sigma) => [limit(sigma, 1), limit(sigma, -1)]),
      h('text', { x: width / 2, y: height - 10, 'text-anchor': 'middle' }, 'Invitations with proper notice whose attendance is recorded'),
      points.map(mark)),
    h('figcaption', {}, `Dashed line: the partnership, ${percent(p)}. Dotted: two standard errors; solid: three. A diamond is a pattern. Each mark leads to its list.`));
}

function heat(buckets) {
  const months = [...new Set(buckets.map((each) => each.month))].sort();
  const agencies = new Map(buckets.map((each) => [each.agency.id, each.agency.name]));
  const cells = new Map(buckets.map((each) => [`${each.agency.id} ${each.month}`, each.rawRate]));
  // one of one is no dark month
  const shade = ({ rate, of }) => (rate === 0 ? 'h0' : rate < 0.15 || of < 3 ? 'h1' : rate < 0.3 ? 'h2' : rate < 0.5 ? 'h3' : 'h4');
  const short = (text) => new Date(text).toLocaleDateString('en-GB', { month: 'short', year: '2-digit', timeZone: 'UTC' });
  const cell = (id, name, at) => {
    const rate = cells.get(`${id} ${at}`);
    if (!rate) return h('td', {}, h('span', {}, '·'));
    return h('td', { class: shade(rate) }, h('a', {
      href: list(id, at, monthAfter(at)), 'aria-label': `${rate.missed}/${rate.of} missed: ${name}, ${short(at)}`,
    }, `${rate.missed}/${rate.of}`));
  };
  const names = [...agencies].sort((one, two) => one[1].localeCompare(two[1]));
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Missed by agency and month' },
    h('table', { class: 'heat' }, h('caption', {}, 'Missed / recorded in each month; darker is more, of three and more. Each cell leads to its list.'),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Agency'), months.map((at) => h('th', { scope: 'col' }, short(at))))),
      h('tbody', {}, names.map(([id, name]) => h('tr', {}, h('th', { scope: 'row' }, name), months.map((at) => cell(id, name, at)))))));
}

/** The invitations behind a cell, each leading to its letter. */
async function behind(agencyId, from, until) {
  const filter = { agencyId, from, until, meetingKind: chosen.meetingKind || null };
  const { node } = await ask('query Agency($id: ID!) { node(id: $id) { ... on Agency { name } } }', { id: agencyId });
  const missed = await all(async (after) => (await ask(`query Behind($filter: NonAttendanceFilterInput, $after: String) {
    nonAttendanceInvitations(filter: $filter, list: MISSED, first: 100, after: $after) {
      nodes { id meetingKind scheduledAt noticeWorkingDays attendance reportStatus } pageInfo { hasNextPage endCursor } } }`,
  { filter, after })).nonAttendanceInvitations);
  const letters = new Map((await lettersThat(null)).map((each) => [each.invitation?.id, each]));
  return [
    h('h1', {}, `Missed by ${node?.name}`),
    h('p', {}, `${day(from)} until before ${day(until)}. You see the meetings that are open to you; the figures count those of the authority. `,
      h('a', { href: `#raise/${agencyId}` }, 'Take up with the agency')),
    table('Missed meetings', [
      ['When', (row) => hour(row.scheduledAt)],
      ['Meeting', (row) => words(row.meetingKind)],
      ['Notice', (row) => (row.noticeWorkingDays === null ? 'Withheld' : `${row.noticeWorkingDays} working days`)],
      ['Recorded', (row) => words(row.attendance)],
      ['Report', (row) => words(row.reportStatus)],
      ['Letter', (row) => (row.meetingKind === 'CONFERENCE' ? letterOf(letters.get(row.id), row.id, hour(row.scheduledAt)) : '–')],
    ], missed, 'None of them is open to you.'),
    h('p', {}, h('a', { href: '#absence' }, 'Back to the figures')),
  ];
}

// --- letters -------------------------------------------------------------------------------------------------------------

async function letters() {
  const written = await lettersThat(null);
  return [
    h('h1', {}, 'Letters'),
    table('Letters about non-attendance', [
      ['Agency', (row) => h('a', { href: `#letter/${row.id}` }, row.agency?.name ?? 'Withheld')],
      ['About', (row) => words(row.about)],
      ['Stands', (row) => [words(row.status), row.contested && [' ', tag('Contested', 'bad')]]],
      ['Sent', (row) => day(row.sentAt)],
      ['Reply due', (row) => day(row.replyDueAt)],
      ['Reason', (row) => words(row.reason)],
    ], written, 'No letter was written yet.'),
  ];
}

async function letter(id) {
  const data = await ask(`query Letter($id: ID!) { node(id: $id) { ... on NonAttendanceLetter { id about status text sentAt replyDueAt reason reply
    contested repliedAt version agency { id name safeguardingEmail } conference { scheduledAt } } } }`, { id });
  const it = data.node;
  const send = (key) => change(key, 'sendNonAttendanceLetter', { letterId: id, expectedVersion: it.version }, 'letter { id }').then(() => {
    tell('Recorded as sent.');
    return show();
  });
  const pages = async () => {
    const answer = await fetch(`/letters/${encodeURIComponent(id)}`, { headers: { authorization: `Bearer ${token}`, accept: 'application/pdf' } });
    if (!answer.ok) throw new Error('The pages cannot be had just now.');
    const link = h('a', { href: URL.createObjectURL(await answer.blob()), download: 'letter.pdf' });
    link.click();
    URL.revokeObjectURL(link.href);
    tell('letter.pdf is saved.');
  };
  return [
    h('h1', {}, `Letter to ${it.agency?.name ?? 'an agency'}`),
    h('p', {}, tag(words(it.status), it.status === 'NO_REPLY' ? 'bad' : 'good'), ` ${words(it.about)}. Sent: ${day(it.sentAt)}. Reply due: ${day(it.replyDueAt)}.`),
    h('div', { class: 'letter' }, (it.text ?? 'Withheld.').split('\n').map((line) => h('p', {}, line))),
    h('div', { class: 'actions' },
      it.status === 'WRITTEN' && action('Record as sent', send, undefined, false),
      action('Save as PDF', pages, undefined, false),
      action('Print', async () => window.print(), undefined, false)),
    it.agency && h('p', {}, `Safeguarding lead’s desk: ${it.agency.safeguardingEmail}. `, h('a', { href: `#raise/${it.agency.id}` }, 'Take up with the agency')),
    it.repliedAt && [h('h2', {}, 'Reply'), h('p', {}, `${words(it.reason)}, ${day(it.repliedAt)}. `, it.contested && tag('The record is contested', 'bad')),
      h('p', {}, it.reply ?? '')],
  ];
}

// --- escalations ---------------------------------------------------------------------------------------------------------

async function escalations() {
  const raised = await all(async (after) => (await ask(`query Escalations($after: String) { escalations(first: 100, after: $after) {
    nodes { id status raisedAt meetingAt answeredAt outcome agency { name } } pageInfo { hasNextPage endCursor } } }`, { after })).escalations);
  return [
    h('h1', {}, 'Escalations'),
    table('Patterns taken up', [
      ['Agency', (row) => h('a', { href: `#escalation/${row.id}` }, row.agency?.name ?? 'Withheld')],
      ['Stands', (row) => words(row.status)],
      ['Raised', (row) => day(row.raisedAt)],
      ['Answered', (row) => day(row.answeredAt)],
      ['Meeting', (row) => day(row.meetingAt)],
      ['Outcome', (row) => words(row.outcome)],
    ], raised, 'No pattern was taken up yet.'),
  ];
}

/** A form of one text and perhaps more, that does something under a key of its own. Its button rests while that runs. */
function form(fields, label, run) {
  const key = crypto.randomUUID();
  return h('form', {
    onsubmit: async (event) => {
      event.preventDefault();
      const values = Object.fromEntries(new FormData(event.target));
      const button = event.target.querySelector('button');
      if (button.disabled) return;
      button.disabled = true;
      try {
        await run(values, key);
      } catch (error) {
        tell(error.message);
      } finally {
        button.disabled = false;
      }
    },
  }, fields.map(([name, text, control]) => h('div', {}, h('label', { for: name }, text), control)), h('p', {}, h('button', {}, label)));
}

async function raise(agencyId) {
  const data = await ask('query Agency($id: ID!) { node(id: $id) { ... on Agency { name safeguardingEmail } } }', { id: agencyId });
  return [
    h('h1', {}, `Take up with ${data.node.name}`),
    h('p', {}, `The missed meetings that are open to you and the figures of this time become evidence: they do not change any more, and the agency sees the same. Desk of its safeguarding lead: ${data.node.safeguardingEmail}.`),
    form([
      ['from', 'From', h('input', { id: 'from', name: 'from', type: 'date', value: chosen.from, required: true })],
      ['until', 'Until before', h('input', { id: 'until', name: 'until', type: 'date', value: chosen.until, required: true })],
      ['reason', 'Why (nothing that tells of a child)', h('textarea', { id: 'reason', name: 'reason', rows: 4, cols: 60, required: true })],
    ], 'Raise', async ({ from, until, reason }, key) => {
      const { escalation } = await change(key, 'raiseEscalation', { agencyId, from, until, reason }, 'escalation { id }');
      location.hash = `#escalation/${escalation.id}`;
    }),
  ];
}

async function escalation(id) {
  const data = await ask(`query Escalation($id: ID!) { node(id: $id) { ... on Escalation { status fromOn untilOn reason figures sha256 answer answeredAt
    meetingAt outcome outcomeText version withheld agency { name safeguardingEmail } } } }`, { id });
  const evidence = await all(async (after) => (await ask(`query Evidence($id: ID!, $after: String) { node(id: $id) { ... on Escalation {
    entries(first: 100, after: $after) { nodes { scheduledAt meetingKind noticeWorkingDays attendance reportMissing contestedBecause }
      pageInfo { hasNextPage endCursor } } } } }`, { id, after })).node.entries);
  const it = data.node;
  const act = (key, name, input) => change(key, name, { escalationId: id, expectedVersion: it.version, ...input }, 'escalation { id }').then(() => {
    tell('Recorded.');
    return show();
  });
  const outcomes = ['EXPLAINED', 'ACTION_AGREED', 'RECORDS_CORRECTED', 'NOT_RESOLVED'];
  return [
    h('h1', {}, `Escalation: ${it.agency?.name}`),
    h('p', {}, tag(words(it.status), 'good'), ` ${day(it.fromOn)} until before ${day(it.untilOn)}. Meeting: ${it.meetingAt ? hour(it.meetingAt) : '–'}.`),
    it.withheld.length > 0 && h('p', {}, 'Reason, figures and part of the evidence are withheld: they count meetings that are not open to you.'),
    h('p', {}, it.reason ?? ''), h('p', {}, it.figures ?? ''),
    table('Evidence', [
      ['When', (row) => hour(row.scheduledAt)],
      ['Meeting', (row) => words(row.meetingKind)],
      ['Notice', (row) => `${row.noticeWorkingDays} working days`],
      ['Recorded', (row) => words(row.attendance)],
      ['Report', (row) => (row.reportMissing ? 'Missing' : '–')],
      ['Contested', (row) => row.contestedBecause ?? '–'],
    ], evidence),
    h('p', { class: 'quiet' }, `Fingerprint of the evidence: ${it.sha256 ?? 'withheld'}`),
    it.answer && [h('h2', {}, 'The agency answers'), h('p', {}, it.answer)],
    it.outcome && [h('h2', {}, 'Outcome'), h('p', {}, `${words(it.outcome)}. ${it.outcomeText ?? ''}`)],
    it.status !== 'CLOSED' && [
      h('h2', {}, 'Meeting'),
      form([['meetingAt', 'When (time in England)', h('input', { id: 'meetingAt', name: 'meetingAt', type: 'datetime-local', required: true })]], 'Record meeting',
        ({ meetingAt }, key) => act(key, 'agreeEscalationMeeting', { meetingAt: instant(meetingAt) })),
      h('h2', {}, 'Close'),
      form([
        ['outcome', 'Outcome', h('select', { id: 'outcome', name: 'outcome' }, outcomes.map((code) => h('option', { value: code }, words(code))))],
        ['text', 'In words', h('textarea', { id: 'text', name: 'text', rows: 3, cols: 60 })],
      ], 'Close', ({ outcome, text }, key) => act(key, 'closeEscalation', { outcome, text: text || null })),
    ],
  ];
}

// --- addresses -----------------------------------------------------------------------------------------------------------

const views = { conferences, overdue, absence, list: behind, letters, letter, escalations, raise, escalation };
const tabOf = { list: 'absence', letter: 'letters', raise: 'absence', escalation: 'escalations' };

/** Shows what the address names, and moves the focus there. */
async function show() {
  const [name, ...rest] = location.hash.slice(1).split('/');
  const view = Object.hasOwn(views, name) ? name : 'conferences';
  for (const tab of document.querySelectorAll('.tabs a')) {
    if (tab.hash === `#${tabOf[view] ?? view}`) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
  }
  if (token === '') return;
  main.setAttribute('aria-busy', 'true');
  try {
    main.replaceChildren(...(await views[view](...rest.map(decodeURIComponent))).flat(Infinity).filter(Boolean));
  } catch (error) {
    main.replaceChildren(h('h1', {}, 'This cannot be shown'), h('p', { class: 'error', role: 'alert' }, error.message));
  }
  main.removeAttribute('aria-busy');
  document.title = `${main.querySelector('h1').textContent} – Quorate`;
  main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

addEventListener('hashchange', (event) => {
  // the link to the main content is no address
  if (location.hash === '#main') { history.replaceState(null, '', event.oldURL); main.focus(); } else { said.textContent = ''; show(); }
});
document.getElementById('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  token = event.target.elements.token.value.trim();
  event.target.elements.token.value = '';
  if (token) show();
});
