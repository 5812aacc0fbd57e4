// Numbers, times and errors as text.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Formats US dollars: cents from a dollar on, and otherwise as many digits as the amount needs. */
function dollars(amount) {
  if (amount == null) return '–';
  const value = Number(amount);
  return `$${value >= 1 || value === 0 ? value.toFixed(2) : value >= 0.01 ? value.toFixed(4) : value.toFixed(6)}`;
}

/** Formats a total, for which cents are enough unless it is less. */
function total(amount) {
  if (amount == null) return '–';
  const value = Number(amount);
  return `$${value.toFixed(value >= 0.1 || value === 0 ? 2 : 3)}`;
}

const perHour = amount => amount == null ? '–' : `$${Number(amount).toFixed(4)}`;

/** Formats milliseconds as the two largest units. */
function duration(ms) {
  if (ms <= 0) return '0 min';
  const [days, hours, minutes] = [Math.floor(ms / DAY), Math.floor(ms % DAY / HOUR), Math.floor(ms % HOUR / MINUTE)];
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${minutes} min`;
  return ms < 10 * MINUTE ? `${minutes} min ${Math.floor(ms % MINUTE / 1000)} s` : `${minutes} min`;
}

const isSameDay = (one, other) => new Date(one).toDateString() === new Date(other).toDateString();

/** Formats a time, with the date unless it is today. */
function time(at) {
  const date = new Date(at);
  const clock = date.toLocaleTimeString([], {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'});
  return isSameDay(date, Date.now()) ? clock : `${date.toLocaleDateString([], {month: 'short', day: 'numeric'})}, ${clock}`;
}

function ago(at, now) {
  const past = now - Date.parse(at);
  if (past < MINUTE) return 'just now';
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`;
  return past < DAY ? `${Math.floor(past / HOUR)} h ago` : time(at);
}

const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** Converts a lease such as 90m, 8h or 2d to milliseconds, or returns null. */
function leaseMillis(text) {
  const [, number, unit] = /^\s*(\d+)\s*([smhd])\s*$/.exec(text ?? '') ?? [];
  return unit ? number * {s: 1_000, m: MINUTE, h: HOUR, d: DAY}[unit] : null;
}

const words = text => text.split(/[\s,]+/).filter(Boolean);

// ---- instances

const isAlive = row => !['terminated', 'shutting-down'].includes(row.State);
const isInterrupted = row => Boolean(row.Interrupted) || /SpotInstance(Termination|Shutdown)/.test(row.StateReason ?? '');
const leaseLeft = (row, now) => Math.max(0, Date.parse(row.Lease) - now);
/** Shortens a caller: the last part of an ARN, or the first digits of a token's id. */
function callerName(caller) {
  if (caller == null) return 'an unknown caller';
  return caller.startsWith('arn:') ? visible(caller.split('/').at(-1)) : visible(caller).replace(/^(token:[0-9a-f]{8})-[0-9a-f-]+$/, '$1');
}

/** Removes characters that cannot be seen, or that change the direction of the text behind them. Names come from other people. */
const visible = text => String(text).replace(/[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '');

const nameOf = row => visible(row.Name ?? '') || row.InstanceId;

/** Says why an instance ended, in words. */
function endReason(row) {
  const reason = row.StateReason ?? '';
  if (/SpotInstance(Termination|Shutdown)/.test(reason)) return 'interrupted by EC2';
  if (/InstanceInitiatedShutdown/.test(reason)) return 'shut itself down';
  if (/UserInitiatedShutdown/.test(reason)) return 'ended by you, a colleague or its lease';
  return reason || 'ended';
}

// ---- errors

/** What went wrong and what to do next, by error code. The service's own sentence is shown below. */
const PROBLEMS = {
  NoAnswer: ['The service did not answer', 'Check your connection and try again.'],
  TokenMissing: ['A token is needed', 'Paste one, or open a link from spot mint --url.'],
  TokenRejected: ['This token is not valid', 'It has expired, was revoked, or is for another service. Ask for a new one.'],
  ScopeExceeded: ['Your token does not allow this', 'Ask for a token with this task, region or limit.'],
  MfaRequired: ['An MFA code is needed', 'Enter the code that your authenticator app shows. It is needed about once an hour.'],
  MfaRejected: ['That code was not accepted', 'Each code works once. Wait for the next one and enter it.'],
  SessionRejected: ['Your MFA session has ended', 'Enter a new code.'],
  NoCapacity: ['No room right now', 'Add more types or regions, or try again in a few minutes.'],
  UnknownType: ['EC2 does not know this type', 'Check the spelling, or choose one from Prices.'],
  TypeNotAllowed: ['This type is not allowed here', 'Choose a type that this deployment allows.'],
  ImageNotAllowed: ['This image is not allowed here', 'Choose another image.'],
  RegionNotAllowed: ['This region is not allowed here', 'Choose another region.'],
  LeaseNotAllowed: ['This lease is too long', 'Choose a shorter one. You can extend it later.'],
  LeaseShorter: ['The lease would become shorter', 'Choose a later end.'],
  PriceNotAllowed: ['This maximum price is too high', 'Lower it, or leave it empty.'],
  PriceAboveOnDemand: ['This maximum price is above on-demand', 'Lower it, or leave it empty.'],
  PriceBelowSpot: ['No pool is that cheap', 'Raise the maximum price, or leave it empty.'],
  BudgetExceeded: ['This would exceed the budget', 'End instances, or choose a shorter lease or fewer instances.'],
  TooManyInstances: ['The deployment is full', 'End instances before you launch more.'],
  AccountLimit: ["The AWS account's quota is used up", 'End instances, choose a smaller type, or ask AWS for a higher quota.'],
  IdNotFound: ['This instance is gone', 'It does not belong to this service any more.'],
  InstanceEnded: ['This instance has already ended', 'Launch a new one.'],
  IdempotencyConflict: ['This launch was already made', 'Change the form to launch another one.'],
  Throttled: ['Too many requests', 'Wait some seconds and try again.'],
  TimedOut: ['It took too long', 'Refresh to see what was done, then try again.'],
  TaskNotAllowed: ['This deployment does not do this', ''],
  NotAuthorized: ['AWS did not allow this', "Ask who runs the deployment: the operator's rights do not cover it."],
  InvalidValue: ['A value is not valid', 'Correct the field that is named below.'],
  MissingField: ['Something is missing', 'Fill in the field that is named below.'],
  TooManyTypes: ['Too many types fit', 'Narrow the search.'],
  MfaNotEnrolled: ['No MFA device is enrolled', 'An administrator has to enroll one first.'],
  Internal: ['The service failed', 'Try again. If it stays, report the request id below.'],
};

/** Explains an error: a title, the next step, and the service's sentence. */
function explain(problem) {
  if (!(problem instanceof Refused)) {
    return {title: 'This page failed', next: 'Reload it.', details: String(problem?.message ?? problem), code: 'PageError'};
  }
  // Lambda itself answers without a code of the service, for example when it throttles requests.
  const unknown = problem.code.startsWith('Http') ? PROBLEMS.NoAnswer : ['The service refused this', ''];
  const [title, next] = PROBLEMS[problem.code] ?? unknown;
  return {title, next, details: problem.message, code: problem.code, requestId: problem.requestId};
}

/** Returns whether a text that the user looks for is in another one, in any case. */
const matches = (text, wanted) => text.toLowerCase().includes(wanted.trim().toLowerCase());

/** Returns which regions are missing from an answer, and why. */
const failures = meta => (meta?.failed ?? []).map(({region, error}) => `${region} did not answer (${error})`).join('; ');
