// Requests to the service, the token, and the session of an MFA code. Token and session stay in this tab's memory.

const MFA_PROBLEMS = ['MfaRequired', 'MfaRejected', 'SessionRejected'];

let token = '';
let session = null;
let asking = new AbortController();
let prompting = null;
let latestInstances = 0;
let shownInstances = 0;

class Refused extends Error {
  constructor({error, details, requestId}) {
    super(details);
    this.code = error;
    this.requestId = requestId;
  }
}

/** The user closed the prompt for an MFA code. */
class Canceled extends Error {}

/** Errors after which a request may have been carried out. So may one that Lambda answers, for example when it times out. */
const isUncertain = problem => !(problem instanceof Refused) || /^(NoAnswer|Http.*|TimedOut|Internal|Ec2Unavailable|AnswerTooLarge)$/
    .test(problem.code);

const hasSession = () => session !== null && session.ends > Date.now();

async function send(body) {
  const {signal} = asking;
  let response;
  try {
    response = await fetch(location.pathname, {
      method: 'POST',
      headers: {authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json'},
      body: JSON.stringify(body),
      referrerPolicy: 'no-referrer',
      signal,
    });
  } catch (problem) {
    signal.throwIfAborted();
    throw new Refused({error: 'NoAnswer', details: ''});
  }
  const answer = await response.json().catch(() => null);
  signal.throwIfAborted();
  if (answer?.meta?.session) session = {sealed: answer.meta.session, ends: Date.parse(answer.meta.sessionExpires)};
  if (response.ok && answer) return answer;
  // Lambda itself sends an answer without a code when it throttles a request or the function times out.
  throw new Refused(answer?.error ? answer : {error: `Http${response.status}`, details: answer?.Message ?? ''});
}

/**
 * Sends a request with the session of an earlier MFA code. If the service requires a code, opens the prompt and sends
 * the request with the code, unless `quiet`. Omits an expired session, because the service would reject even a request
 * that needs no MFA.
 */
async function ask(body, {quiet = false} = {}) {
  try {
    return await send(hasSession() ? {...body, session: session.sealed} : body);
  } catch (problem) {
    if (problem.code === 'TokenRejected' || problem.code === 'TokenMissing') signOut(problem);
    if (!MFA_PROBLEMS.includes(problem.code)) throw problem;
    session = null;
    if (quiet) throw problem;
    return askWithCode(body, problem);
  }
}

async function askWithCode(body, problem) {
  while (prompting) await prompting.catch(() => {});
  if (hasSession()) return ask(body);
  const {signal} = asking;
  prompting = new Promise((resolve, reject) => {
    const prompt = why => update({prompt: {why, busy: false, submit, cancel}});
    const cancel = () => {
      update({prompt: null});
      reject(new Canceled());
    };
    const submit = async code => {
      update({prompt: {...state.prompt, busy: true}});
      try {
        const answer = await send({...body, mfaCode: code});
        update({prompt: null});
        resolve(answer);
      } catch (problem) {
        if (signal.aborted) return reject(problem);
        if (MFA_PROBLEMS.includes(problem.code)) return prompt(problem);
        update({prompt: null});
        reject(problem);
      }
    };
    prompt(problem);
  });
  try {
    return await prompting;
  } finally {
    prompting = null;
  }
}

/** Aborts what is being asked, and forgets everything that was shown for a token. */
function forget() {
  asking.abort();
  asking = new AbortController();
  token = '';
  session = null;
  prompting = null;
  state = initialState();
}

async function signIn(text) {
  forget();
  token = text.trim();
  const {signal} = asking;
  update({signedIn: true});
  try {
    const status = await ask({task: 'status'});
    update({status});
    const view = currentView();
    if (!availableViews().some(({name}) => name === view)) goTo(availableViews()[0]?.name ?? 'activity');
    loadInstances();
  } catch (problem) {
    if (!signal.aborted) signOut(problem);
  }
}

function signOut(problem = null) {
  forget();
  history.replaceState(null, '', location.pathname);
  update({problem});
}

/** Moves the token out of the address, because it would stay in the browser's history. Returns whether there was one. */
function takeTokenFromAddress() {
  const found = new URLSearchParams(location.hash.slice(1)).get('token');
  if (found === null) return false;
  history.replaceState(null, '', location.pathname);
  signIn(found);
  return true;
}

// ---- what several views show

/**
 * Gets the instances and their cost.
 *
 * @param quiet whether to fail instead of asking for an MFA code
 */
async function loadInstances(quiet = true) {
  if (!may('instances')) return;
  const mine = ++latestInstances;
  const {signal} = asking;
  update({refreshing: true, refreshed: performance.now()});
  try {
    const [{data, meta}, cost] = await Promise.all([
      ask({task: 'instances', regions: 'all'}, {quiet}),
      may('cost') ? ask({task: 'cost', regions: 'all'}, {quiet: true}).catch(() => null) : null,
    ]);
    // A list that was asked for earlier than the one that is shown may have what has ended meanwhile.
    if (mine < shownInstances) return;
    shownInstances = mine;
    readClock(meta);
    update({instances: {rows: data, meta}, cost: cost?.meta ?? null, instancesProblem: null,
        refreshing: mine < latestInstances, now: serviceNow()});
  } catch (problem) {
    if (!signal.aborted && mine === latestInstances) update({instancesProblem: problem, refreshing: false});
  }
}

/** Adds a line to the activity list and shows it for a while. */
function report(text, {kind = 'done', detail = ''} = {}) {
  const entry = {id: crypto.randomUUID(), at: serviceNow(), kind, text, detail};
  update({activity: [entry, ...state.activity].slice(0, 200), toasts: [...state.toasts, entry].slice(-3)});
  setTimeout(() => update({toasts: state.toasts.filter(({id}) => id !== entry.id)}), 8_000);
}
