'use strict';

// Inserts every text as text and never as markup, because answers contain names that other people have chosen.

const PRODUCTS = ['Linux/UNIX', 'Red Hat Enterprise Linux', 'SUSE Linux', 'Windows'];
const VIEWS = ['price', 'history', 'launch', 'instances'];
const MOST_ROWS = 2000;
const OF_MFA = ['MfaRequired', 'MfaRejected', 'SessionRejected'];

let token = '';
let session = null;
let asking = new AbortController();
let rehearsed = null;
let edition = 0;
let questions = 0;

const byId = id => document.getElementById(id);
const answerOf = view => byId(view).querySelector('.answer');

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// ---- the service

class Refused extends Error {
  constructor(answer) {
    super(answer.details);
    this.word = answer.error;
  }
}

async function ask(body) {
  const {signal} = asking;
  const response = await fetch(location.pathname, {
    method: 'POST',
    headers: {authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json'},
    body: JSON.stringify(body),
    referrerPolicy: 'no-referrer',
    signal,
  });
  const answer = await response.json().catch(() => null);
  signal.throwIfAborted();
  if (answer?.meta?.session) session = {sealed: answer.meta.session, ends: Date.parse(answer.meta.sessionExpires)};
  if (response.ok && answer) return answer;
  // Lambda itself sends such an answer when it throttles a request or the function times out.
  throw new Refused(answer?.error ? answer : {error: `HTTP ${response.status}`, details: answer?.Message ?? 'The service gave no answer; try again.'});
}

/**
 * Adds the MFA code from a form, or otherwise the session of an earlier code. Omits an expired session, because the
 * service would reject even a request that needs no MFA.
 */
function withMfa(body, form) {
  const code = form.elements.mfaCode.value;
  form.elements.mfaCode.value = '';
  if (code) return {...body, mfaCode: code};
  return session?.ends > Date.now() ? {...body, session: session.sealed} : body;
}

/** Runs a button's action, disables the button meanwhile, and shows an error if the action fails. */
async function doing(button, view, what) {
  const {signal} = asking;
  byId('error').hidden = true;
  byId('status').textContent = 'Asking …';
  button.disabled = true;
  try {
    byId('status').textContent = await what() ?? '';
  } catch (problem) {
    // The token has changed, so do not show this answer.
    if (signal.aborted) return;
    tell(problem, view);
    byId('status').textContent = problem.done ?? '';
  } finally {
    button.disabled = false;
    refocus(button, view);
  }
}

/**
 * Restores the focus if an answer has removed the focused element: to the button, to its replacement, or to the button
 * of its section's form.
 */
function refocus(button, view) {
  const label = CSS.escape(button.getAttribute('aria-label') ?? '');
  const section = byId(view);
  for (const one of [button, section.querySelector(`[aria-label="${label}"]`), section.querySelector('form button')]) {
    const {activeElement} = document;
    if (activeElement !== document.body && activeElement?.checkVisibility()) return;
    one?.focus({preventScroll: true});
  }
}

function tell(problem, view) {
  const error = byId('error');
  const word = problem instanceof Refused ? problem.word : 'NoAnswer';
  error.replaceChildren(element('b', {textContent: word}), ' ', problem instanceof Refused ? problem.message : 'The service cannot be reached; try again.');
  error.hidden = false;
  if (word === 'TokenRejected' || word === 'TokenMissing') {
    forget();
  } else if (OF_MFA.includes(word)) {
    session = null;
    const code = byId(view).querySelector('[name=mfaCode]');
    code.closest('label').hidden = false;
    code.focus();
  }
}

// ---- the token

function take(text) {
  token = text.trim();
  clear();
  byId('error').hidden = true;
  byId('bearer').hidden = true;
  const claims = read(token);
  const tasks = Array.isArray(claims?.scope?.tasks) ? claims.scope.tasks : VIEWS;
  const until = claims ? `until ${new Date(claims.exp * 1000).toLocaleString()}` : '';
  byId('scope').textContent = `${tasks.join(', ')} ${until}`;
  byId('regions').replaceChildren(...['all', ...claims?.scope?.regions ?? []].map(value => element('option', {value})));
  for (const button of document.querySelectorAll('[data-view]')) button.hidden = !tasks.includes(button.dataset.view);
  const view = VIEWS.find(one => tasks.includes(one));
  show(view);
  if (!view) byId('status').textContent = 'This page has nothing to show to that token.';
}

/** Aborts pending requests and removes everything that was shown for a token. */
function clear() {
  asking.abort();
  asking = new AbortController();
  byId('sure').close();
  session = null;
  notRehearsed();
  byId('status').textContent = '';
  for (const answer of document.querySelectorAll('.answer')) answer.replaceChildren();
}

/** Reads the claims of a token to show them. Only the service verifies them. */
function read(text) {
  try {
    const bytes = Uint8Array.from(atob(text.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

function forget() {
  token = '';
  clear();
  byId('scope').textContent = '';
  show(null);
  for (const button of document.querySelectorAll('[data-view]')) button.hidden = true;
  byId('bearer').hidden = false;
  byId('bearer').elements.token.focus();
}

/** Moves the token out of the address, because it would stay in the browser's history. */
function fromAddress() {
  const found = new URLSearchParams(location.hash.slice(1)).get('token');
  if (found !== null) {
    history.replaceState(null, '', location.pathname);
    take(found);
  }
  return found !== null;
}

function show(view) {
  for (const one of VIEWS) byId(one).hidden = one !== view;
  for (const button of document.querySelectorAll('[data-view]')) {
    button.toggleAttribute('aria-current', button.dataset.view === view);
    if (button.dataset.view === view) button.setAttribute('aria-current', 'page');
  }
}

// ---- tables

/** A column: the row's field, its heading, whether it is a number, and what to show instead of the field. */
const column = (field, heading, number = false, cell = row => row[field] ?? '–') => ({field, heading, number, cell});

function table(caption, rows, columns, sorted = null, descending = false) {
  const body = element('tbody', {}, ...inOrder(rows, sorted, descending).map(row => element('tr', {}, ...columns.map(
      ({number, cell}) => element('td', {className: number ? 'number' : ''}, cell(row))))));
  const head = element('tr', {}, ...columns.map(each => {
    const cell = element('th', {scope: 'col', className: each.number ? 'number' : ''});
    if (!each.field) return cell;
    const mine = each === sorted;
    if (mine) cell.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    const button = element('button', {type: 'button', textContent: each.heading});
    button.addEventListener('click', () => {
      const again = table(caption, rows, columns, each, mine && !descending);
      box.replaceWith(again);
      again.querySelectorAll('th')[columns.indexOf(each)].querySelector('button').focus();
    });
    cell.append(button);
    return cell;
  }));
  const box = element('div', {className: 'scroll'}, element('table', {},
      element('caption', {textContent: caption}), element('thead', {}, head), body));
  return box;
}

function inOrder(rows, by, descending) {
  if (!by) return rows;
  const there = rows.filter(row => row[by.field] != null);
  const missing = rows.filter(row => row[by.field] == null);
  const order = by.number ? (a, b) => a - b : (a, b) => String(a).localeCompare(b);
  return [...there.sort((one, other) => order(one[by.field], other[by.field]) * (descending ? -1 : 1)), ...missing];
}

const ago = time => new Date(time).toLocaleString();

/** Returns which regions are missing from an answer, and why. */
const failures = meta => (meta.failed ?? []).map(({region, error, details}) => ` ${region}: ${error}, ${details}`).join('');

// ---- forms

const words = text => text.split(/[\s,]+/).filter(Boolean);

/** Returns the fields of a form by name, without empty ones. */
function asked(form, lists) {
  const body = {};
  for (const [name, value] of new FormData(form)) {
    if (value && name !== 'mfaCode' && name !== 'onDemand') body[name] = lists.includes(name) ? words(value) : value;
  }
  if (body.regions?.includes('all')) body.regions = 'all';
  return body;
}

function onSubmit(view, what) {
  const form = byId(view).querySelector('form');
  form.addEventListener('submit', event => {
    event.preventDefault();
    doing(event.submitter ?? form.querySelector('button'), view, () => what(form));
  });
}

// ---- prices and their history

onSubmit('price', async form => {
  const onDemand = form.elements.onDemand.checked;
  const body = {task: 'price', ...asked(form, ['types', 'regions']), sort: 'price', limit: MOST_ROWS};
  if (onDemand) body.with = ['onDemand'];
  const {data, meta} = await ask(withMfa(body, form));
  const columns = [
    column('InstanceType', 'Type'),
    column('AvailabilityZone', 'Zone'),
    column('ProductDescription', 'Product'),
    column('SpotPrice', 'US$ an hour', true),
    ...onDemand ? [column('OnDemandPrice', 'On demand', true), column('SavingPercent', 'Saving, %', true)] : [],
    column('Timestamp', 'Since', false, row => ago(row.Timestamp)),
    column('', '', false, row => {
      const button = element('button', {type: 'button', textContent: 'History'});
      button.setAttribute('aria-label', `History of ${row.InstanceType} in ${row.AvailabilityZone}`);
      button.addEventListener('click', () => historyOf(row));
      return button;
    }),
  ];
  answerOf('price').replaceChildren(table('Spot prices', data, columns, columns.find(each => each.field === 'SpotPrice')));
  const shown = meta.matched ? `The cheapest ${data.length} of ${meta.matched} pools` : `${data.length} pools`;
  return `${shown}, as of ${ago(meta.at)}.${failures(meta)}`;
});

function historyOf(row) {
  const form = byId('history').querySelector('form');
  form.elements.types.value = row.InstanceType;
  form.elements.regions.value = row.Region;
  form.elements.products.value = PRODUCTS.includes(row.ProductDescription) ? row.ProductDescription : 'all';
  show('history');
  form.requestSubmit();
}

onSubmit('history', async form => {
  const {data, meta} = await ask(withMfa({task: 'history', ...asked(form, ['types', 'regions'])}, form));
  const most = Math.max(0, ...data.map(pool => Number(pool.Maximum)));
  answerOf('history').replaceChildren();
  for (const pool of data) answerOf('history').append(chart(pool, meta, most));
  return `${data.length} pools, from ${ago(meta.from)} to ${ago(meta.to)}.${failures(meta)}`;
});

/** Draws one pool's prices as steps, all pools on the same scale. */
function chart(pool, meta, most) {
  const [from, to] = [meta.from, meta.to].map(time => Date.parse(time) / 1000);
  const times = pool.Points.map(point => Math.max(from, Date.parse(point.Timestamp) / 1000));
  const prices = pool.Points.map(point => Number(point.SpotPrice));
  times.push(to);
  prices.push(prices.at(-1) ?? null);
  const box = element('div', {className: 'chart'});
  const figure = element('figure', {}, element('figcaption', {},
      element('b', {textContent: pool.AvailabilityZone}),
      ` ${pool.InstanceType}, ${pool.ProductDescription}: ${pool.Minimum} to ${pool.Maximum}, mean ${pool.Mean} US$ an hour; changes: ${pool.Changes}`), box);
  requestAnimationFrame(() => {
    // Reads colors from elements to which the style sheet applies them, because a canvas has no custom properties.
    const {color, borderTopColor} = getComputedStyle(box);
    const axis = {stroke: getComputedStyle(figure).color, grid: {stroke: borderTopColor, width: 1}, ticks: {stroke: borderTopColor, width: 1}};
    const size = () => ({width: box.clientWidth, height: 200});
    const plot = new uPlot({
      ...size(),
      scales: {x: {range: [from, to]}, y: {range: [0, most * 1.05 || 1]}},
      axes: [axis, {...axis, size: 70, values: (_, ticks) => ticks.map(tick => tick.toFixed(4))}],
      series: [{}, {label: 'US$ an hour', stroke: color, width: 2, paths: uPlot.paths.stepped({align: 1}), points: {show: false}}],
    }, [times, prices], box);
    new ResizeObserver(() => plot.setSize(size())).observe(box);
  });
  return figure;
}

// ---- launching: sends exactly the request of the dry run

onSubmit('launch', async form => {
  notRehearsed();
  const mine = edition;
  const body = {task: 'launch', ...asked(form, ['types'])};
  const {meta} = await ask(withMfa({...body, dryRun: true}, form));
  if (mine !== edition) return 'The request was changed meanwhile; rehearse it again.';
  // One key for each dry run, so that pressing the button repeatedly launches only once.
  rehearsed = {...body, dryRun: false, idempotencyKey: crypto.randomUUID()};
  answerOf('launch').replaceChildren(table('Pools to launch from', meta.candidates, [
    column('InstanceType', 'Type'),
    column('AvailabilityZone', 'Zone'),
    column('SpotPrice', 'US$ an hour', true),
  ]));
  byId('launch-now').textContent = `Launch ${meta.asked}`;
  byId('launch-now').hidden = false;
  const most = meta.maxPrice ? `None costs more than ${meta.maxPrice} US$ an hour. ` : '';
  return `Nothing is launched yet. From the first pool: ${meta.estimate.summary}. If it has no room, the next pool is tried. ${most}`
      + `The lease would end at ${ago(meta.lease)}.`;
});

function notRehearsed() {
  edition++;
  rehearsed = null;
  byId('launch-now').hidden = true;
  answerOf('launch').replaceChildren();
}

byId('launch').querySelector('form').addEventListener('input', event => {
  if (event.target.name === 'mfaCode') return;
  if (rehearsed) byId('status').textContent = '';
  notRehearsed();
});

byId('launch-now').addEventListener('click', event => doing(event.currentTarget, 'launch', async () => {
  const {data, meta} = await ask(withMfa(rehearsed, byId('launch').querySelector('form')));
  notRehearsed();
  answerOf('launch').replaceChildren(table('Launched', data, INSTANCE));
  return `${data.length} of ${meta.asked} launched: ${meta.estimate.summary}.`;
}));

// ---- instances

const ENDED = ['terminated', 'shutting-down'];

function left(row) {
  const cell = element('span');
  if (row.Lease && !ENDED.includes(row.State)) {
    cell.dataset.lease = row.Lease;
    tick(cell);
  }
  return cell;
}

function tick(cell) {
  const minutes = Math.floor((Date.parse(cell.dataset.lease) - Date.now()) / 60_000);
  cell.textContent = minutes < 0 ? 'over' : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

setInterval(() => document.querySelectorAll('[data-lease]').forEach(tick), 15_000);

const INSTANCE = [
  column('InstanceId', 'Instance'),
  column('InstanceType', 'Type'),
  column('AvailabilityZone', 'Zone'),
  column('State', 'State'),
  column('Lease', 'Time left', false, left),
  column('SpotPrice', 'US$ an hour', true),
  column('PrivateIpAddress', 'Address', false, row => row.PublicIpAddress ?? row.PrivateIpAddress ?? '–'),
  column('Caller', 'Launched by'),
];

const COSTS = [column('HourlyCost', 'US$ an hour', true), column('Cost', 'US$ so far', true)];

const MANAGED = INSTANCE.toSpliced(5, 1, ...COSTS).toSpliced(1, 0, column('', '', false, row => {
  if (ENDED.includes(row.State)) return '';
  const lease = element('input', {value: '8h', title: 'Time from now on, such as 90m, 8h or 2d'});
  lease.setAttribute('aria-label', `New lease of ${row.InstanceId}`);
  return element('span', {}, lease, ' ',
      act('Extend', row, body => ({task: 'extend', ...body, lease: lease.value, ...(isShorter(row, lease.value) && {shorten: true})}),
          ({data: [{Lease}]}) => `has until ${ago(Lease)}.`,
          () => isShorter(row, lease.value) && `Shorten the lease of ${row.InstanceId} to ${lease.value} from now?`), ' ',
      act('End', row, body => ({task: 'end', ...body}), ({meta}) => meta.left ? 'is ending.' : 'has ended.',
          () => `End ${row.InstanceId}? Its spot request is canceled, and it is terminated with what its volumes hold.`, true));
}));

const UNITS = {s: 1, m: 60, h: 3_600, d: 86_400};

/** Returns whether a lease from now on would end earlier than the row's; the service rounds up to a minute. */
function isShorter(row, lease) {
  const [, count, unit] = /^\s*(\d+)([smhd])\s*$/.exec(lease) ?? [];
  return Boolean(unit) && Date.now() + (count * UNITS[unit] + 60) * 1_000 < Date.parse(row.Lease);
}

/** Messages for an instance that no longer exists, by the error code of the refused action. */
const GONE = {
  IdNotFound: "is not one of the service's instances any more.",
  InstanceEnded: 'has ended; its lease was not moved.',
};

function act(name, row, body, told, question, destroys = false) {
  const button = element('button', {type: 'button', textContent: name, className: destroys ? 'act' : ''});
  button.setAttribute('aria-label', `${name} ${row.InstanceId}`);
  button.addEventListener('click', async () => {
    const asked = question();
    if (asked && !await sure(asked, destroys ? 'End it' : 'Shorten it')) return;
    const form = byId('instances').querySelector('form');
    doing(button, 'instances', async () => {
      const answer = await ask(withMfa(body({regions: [row.Region], instanceIds: [row.InstanceId]}), form)).catch(problem => {
        if (GONE[problem.word]) return {gone: GONE[problem.word]};
        throw problem;
      });
      const refused = answer.meta?.refused?.[0];
      const done = refused ? `${refused.id}: ${refused.error}, ${refused.details}`
          : `${row.InstanceId} ${answer.gone ?? (answer.meta.missing ? GONE.IdNotFound : told(answer))}`;
      try {
        return `${done} ${await instances(form)}`;
      } catch (problem) {
        // The action has succeeded, even if the list cannot be refreshed.
        throw Object.assign(problem, {done});
      }
    });
  });
  return button;
}

function sure(question, yes) {
  const mine = ++questions;
  const dialog = byId('sure');
  byId('sure-what').textContent = question;
  dialog.querySelector('[value=yes]').textContent = yes;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', function closed() {
    // The close event of the previous question may arrive after this question opens.
    if (mine === questions && dialog.open) return;
    dialog.removeEventListener('close', closed);
    resolve(mine === questions && dialog.returnValue === 'yes');
  }));
}

async function instances(form) {
  const {data, meta} = await ask(withMfa({task: 'instances', ...asked(form, ['regions'])}, form));
  answerOf('instances').replaceChildren(table('Instances', data, MANAGED));
  const cost = meta.cost ? ` ${meta.cost.summary}.` : '';
  return `Instances: ${data.length}.${cost}${failures(meta)}`;
}

onSubmit('instances', instances);

// ---- the start

for (const select of document.querySelectorAll('[data-products]')) {
  select.append(...[...PRODUCTS, 'all'].map(value => element('option', {value, textContent: value})));
}
for (const button of document.querySelectorAll('[data-view]')) {
  button.addEventListener('click', () => {
    byId('status').textContent = '';
    byId('error').hidden = true;
    show(button.dataset.view);
    if (button.dataset.view === 'instances') byId('instances').querySelector('form').requestSubmit();
  });
}
byId('bearer').addEventListener('submit', event => {
  event.preventDefault();
  take(event.target.elements.token.value);
  event.target.reset();
});
addEventListener('hashchange', fromAddress);
if (!fromAddress()) forget();
