// The console's scripts are joined into one module, in the order that Console.java lists, so they share this scope.
// Preact inserts every text as text and never as markup, because answers contain names that other people have chosen.

const {h, render, Fragment} = preact;
const {useState, useEffect, useLayoutEffect, useRef, useMemo} = preactHooks;
const html = htm.bind(h);

/** How far the service's clock is ahead of this computer's, in milliseconds. */
let skew = 0;

/** Returns the time by the service's clock, because leases end by that one. */
const serviceNow = () => Date.now() + skew;

/** Reads the service's time from an answer. Differences of some seconds may be the answer's way. */
function readClock(meta) {
  const difference = Date.parse(meta?.at) - Date.now();
  if (!Number.isNaN(difference)) skew = Math.abs(difference) < 10_000 ? 0 : difference;
}

/** What all views share. Local input stays in the components. */
const initialState = () => ({
  signedIn: false,
  problem: null, // why the token is needed again
  status: null, // the answer to the task status
  instances: null, // {rows, meta, at}
  instancesProblem: null,
  refreshing: false,
  refreshed: 0, // when the instances were asked for last, by performance.now()
  cost: null, // the totals of the task cost
  prices: null, // {rows, meta, asked}
  knownTypes: [], // instance types seen in prices, for suggestions
  activity: [],
  toasts: [],
  dialog: null, // the open dialog, {kind, …}
  prompt: null, // the prompt for an MFA code, in front of the dialog
  pendingLaunch: null, // a launch without a final answer, {body, meta, problem, busy}
  prefill: null, // what another view asks the launch form or the history to show
  forms: {}, // what was entered, by view
  now: serviceNow(), // by the service's clock
});

let state = initialState();

let isRenderPending = false;

/**
 * Changes the shared state, and renders it soon: not at once, because Preact must not render the root while it runs an
 * effect.
 */
function update(changes) {
  Object.assign(state, changes);
  if (isRenderPending) return;
  isRenderPending = true;
  queueMicrotask(() => {
    isRenderPending = false;
    const hadFocus = document.activeElement !== document.body;
    render(html`<${App} ...${{...state}} />`, document.getElementById('app'));
    // What had the focus may be gone, such as the button of an instance that has ended.
    if (hadFocus && document.activeElement === document.body) document.getElementById('title')?.focus({preventScroll: true});
  });
}

const tasks = () => new Map((state.status?.data ?? []).map(({Task, NeedsMfa}) => [Task, NeedsMfa]));
const may = task => tasks().has(task);
const regionsOf = () => state.status?.meta.regions ?? [];

/** Returns whether a task can be asked for now without a prompt for an MFA code. */
const isUnlocked = task => may(task) && (!tasks().get(task) || hasSession());
