// Launch: the form, and next to it the estimate and the result of the dry run. A launch sends exactly the dry run's request.

const IMAGES = [
  ['al2023', 'Amazon Linux 2023'], ['ubuntu-24.04', 'Ubuntu 24.04'], ['debian-13', 'Debian 13'],
      ['ubuntu-22.04', 'Ubuntu 22.04'], ['debian-12', 'Debian 12'],
  ['al2023-minimal', 'Amazon Linux 2023 minimal'], ['deep-learning-ubuntu-24.04', 'Deep Learning, Ubuntu 24.04'],
      ['deep-learning-al2023', 'Deep Learning, Amazon Linux 2023'],
      ['deep-learning-ubuntu-22.04', 'Deep Learning, Ubuntu 22.04'], ['ecs-al2023', 'Amazon ECS'],
      ['ecs-al2023-gpu', 'Amazon ECS with GPU'], ['ecs-al2023-neuron', 'Amazon ECS with Neuron'],
      ['windows-2025', 'Windows Server 2025'], ['windows-2022', 'Windows Server 2022'],
];
const LEASES = ['1h', '3h', '8h', '1d'];
const OTHER = 'other';
/** After this time, a dry run says too little about prices, room and the end of the lease. */
const MAX_CHECK_AGE = 5 * MINUTE;

const emptyLaunch = () => ({types: '', region: 'all', zone: '', image: '', ami: '', count: '1', lease: '', otherLease: '',
    name: '', userData: '', userDataName: '', tags: '', price: '', volumeSize: '', keyName: ''});

/** Reads lines of KEY=VALUE. */
const tagsOf = text => Object.fromEntries(text.split('\n').map(line => line.trim()).filter(Boolean).map(line => {
  const [key, ...value] = line.split('=');
  return [key.trim(), value.join('=').trim()];
}));

/** Returns the request of the form, without what is empty. */
function launchRequest(form) {
  const tags = {...tagsOf(form.tags), ...(form.name.trim() && {Name: form.name.trim()})};
  const lease = form.lease === OTHER ? form.otherLease.trim() : form.lease;
  const body = {
    task: 'launch', types: words(form.types), regions: form.region, zones: form.zone && [form.zone],
        ami: form.image === OTHER ? form.ami.trim() : form.image, count: form.count, lease,
    userDataName: form.userDataName, userData: form.userDataName ? '' : form.userData, price: form.price.trim(),
        volumeSize: form.volumeSize, keyName: form.keyName.trim(), tags: Object.keys(tags).length ? tags : '',
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== ''));
}

/** Errors that say of a launch that is sent again that nothing was launched: the service looks for its instances first. */
const NOT_LAUNCHED = ['NoCapacity', 'BudgetExceeded', 'TooManyInstances', 'AccountLimit', 'PriceBelowSpot', 'PriceAboveOnDemand',
    'Ec2Refused'];

/**
 * Sends a launch, and keeps it with its key until its result is known, because the same key launches nothing twice.
 *
 * @returns the answer, or null if nothing was launched or the result is not known
 * @throws Refused if nothing was launched
 */
async function sendLaunch({body, meta, problem: unknown = null}) {
  if (state.pendingLaunch?.busy) return null;
  const {signal} = asking;
  update({pendingLaunch: {body, meta, problem: unknown, busy: true}});
  try {
    const {data, meta: result} = await ask(body);
    const missing = result.notLaunched ? `${result.notLaunched} had no room. ` : '';
    update({pendingLaunch: null});
    report(`${count(data.length, 'instance')} launched`, {kind: result.notLaunched ? 'failed' : 'launched',
      detail: `${missing}${result.estimate?.summary ?? meta.estimate?.summary ?? ''}`});
    loadInstances();
    return {launched: data, result};
  } catch (problem) {
    if (signal.aborted) return null;
    const stays = {body, meta, problem: unknown, busy: false};
    if (problem instanceof Canceled) {
      update({pendingLaunch: unknown && stays});
      return null;
    }
    const {title} = explain(problem);
    if (problem.code === 'IdempotencyConflict') {
      update({pendingLaunch: null});
      report('This was launched, and its instances have ended', {kind: 'failed', detail: title});
      loadInstances();
      return null;
    }
    if (isUncertain(problem) || unknown && !NOT_LAUNCHED.includes(problem.code)) {
      update({pendingLaunch: {...stays, problem}});
      report('It is not known whether this was launched', {kind: 'failed', detail: `${title}.`});
      loadInstances();
      return null;
    }
    update({pendingLaunch: null});
    report('Nothing was launched', {kind: 'failed', detail: title});
    throw problem;
  }
}

const spaced = lease => lease.replace(/(\d)(\D)/, '$1 $2');

function imageOptions(defaultImage) {
  const defaultName = IMAGES.find(([short]) => short === defaultImage)?.[1] ?? defaultImage;
  const others = IMAGES.filter(([short]) => short !== defaultImage);
  return [['', defaultImage ? `Default: ${defaultName}` : 'Choose an image'], ...others, [OTHER, 'Another image …']];
}

/** Returns the leases to choose from, the shortest first. */
function leaseOptions(defaultLease) {
  const leases = LEASES.filter(lease => lease !== defaultLease).map(lease => [lease, spaced(lease)]);
  const millis = ([lease]) => leaseMillis(lease || defaultLease) ?? 0;
  return [...[['', spaced(defaultLease ?? 'default')], ...leases].sort((one, other) => millis(one) - millis(other)), [OTHER, 'Other']];
}

const isComplete = (form, {defaultImage}) => (form.image || defaultImage) && words(form.types).length > 0 && Number(form.count) >= 1 && (form.image !== OTHER
    || form.ami.trim()) && (form.lease !== OTHER || leaseMillis(form.otherLease));

function LaunchView({status, prefill, pendingLaunch, now}) {
  const [form, setForm] = useState(() => ({...(state.forms.launch ?? emptyLaunch()), ...(prefill?.types
      && {types: prefill.types, region: regionsOf().length === 1 ? 'all' : prefill.region, zone: prefill.zone})}));
  const [check, setCheck] = useState({});
  const edition = useRef(0);
  const fresh = useRef(Boolean(prefill?.types));
  const request = JSON.stringify(launchRequest(form));
  // A dry run of another request does not count, not even until the effect below clears it.
  const valid = check.request && check.request !== request ? {} : check;
  const complete = Boolean(isComplete(form, status.meta));
  state.forms.launch = form;

  const dryRun = async (options = {}) => {
    const mine = ++edition.current;
    setCheck({busy: true});
    try {
      const body = JSON.parse(request);
      const {meta} = await ask({...body, dryRun: true}, options);
      // One key for each dry run, so that pressing the button repeatedly launches only once.
      if (mine === edition.current) setCheck({meta, request, at: Date.now(), launch: {...body, dryRun: false,
          idempotencyKey: crypto.randomUUID()}});
    } catch (problem) {
      if (mine !== edition.current) return;
      if (problem instanceof Canceled || options.quiet
          && MFA_PROBLEMS.includes(problem.code)) {
        const found = await priceCheck(JSON.parse(request));
        if (mine === edition.current) setCheck(found);
      } else {
        setCheck({problem});
      }
    }
  };

  useEffect(() => {
    update({prefill: null});
    loadKnownTypes();
  }, []);
  useEffect(() => {
    edition.current++;
    setCheck({});
    if (!complete) return;
    const prompts = fresh.current;
    fresh.current = false;
    const timer = setTimeout(async () => {
      if (isUnlocked('launch') || prompts) return dryRun({quiet: !prompts});
      const mine = ++edition.current;
      const found = await priceCheck(JSON.parse(request));
      if (mine === edition.current) setCheck(found);
    }, prompts ? 0 : 500);
    return () => clearTimeout(timer);
  }, [request, complete]);

  const isOld = () => valid.launch && Date.now() - valid.at > MAX_CHECK_AGE;
  useEffect(() => {
    const look = () => {
      if (!document.hidden && isOld()) dryRun({quiet: true});
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  });

  const launch = async () => {
    const mine = edition.current;
    const sent = state.pendingLaunch ?? (valid.launch && {body: valid.launch, meta: valid.meta});
    if (!sent) return;
    if (!state.pendingLaunch && isOld()) return dryRun();
    try {
      const answer = await sendLaunch(sent);
      if (answer && mine === edition.current) setCheck(answer);
    } catch (problem) {
      if (mine === edition.current) setCheck({...check, failed: problem});
    }
  };

  const set = changes => setForm(current => ({...current, ...changes}));
  const input = name => ({name, value: form[name], autocapitalize: 'off', autocomplete: 'off', spellcheck: false,
      onInput: event => set({[name]: event.target.value})});
  const {defaultImage, defaultLease, userData: named = []} = status.meta;
  return html`<${Page} title="Launch" note="Nothing is launched and nothing costs until you press the button.">
    <div class="launch"><form class="panel"
        onSubmit=${event => { event.preventDefault(); if (complete && !valid.launch) dryRun(); }}>
      <div class="pair">
      <${Field} label="Instance types" hint="Several types find room more often."><input ...${input('types')}
          list="known-types" required placeholder="m7g.large c7g.large" /></${Field}>
      <${Field} label="Region"><${Select} name="region" value=${form.region} options=${regionOptions('The cheapest of all')}
          onChange=${region => set({region, zone: ''})} /></${Field}></div>
      ${form.zone && html`<p class="chip">Only in ${form.zone} <button type="button" class="plain" aria-label="Any zone"
          onClick=${() => set({zone: ''})}><${Icon} name="close" /></button></p>`}
      <div class="pair">
      <${Field} label="Image"><${Select} name="image" value=${form.image}
          options=${imageOptions(defaultImage)} onChange=${image => set({image})} /></${Field}>
      ${form.image === OTHER ? html`<${Field} label="Image id or parameter"><input ...${input('ami')} required
          placeholder="ami-… or resolve:ssm:/aws/service/…" /></${Field}>` : html`<${Field} label="Name">
          <input ...${input('name')} placeholder="my-job" /></${Field}>`}</div>
      <div class="pair lease">
      <${Choice} label="Lease" name="lease" value=${form.lease}
          options=${leaseOptions(defaultLease)} onChange=${lease => set({lease})} />
      ${form.lease === OTHER && html`<${Field} label="Other lease" hint="90m, 8h or 2d">
          <input ...${input('otherLease')} required /></${Field}>`}
      <${Field} label="How many" class="short"><input ...${input('count')} type="number" min="1" max="100" required />
          </${Field}></div>
      ${named.length > 0 && html`<${Field} label="Prepared script"><${Select} name="userDataName" value=${form.userDataName}
          options=${[['', 'None'], ...named.map(name => [name, name])]} onChange=${userDataName => set({userDataName})} />
          </${Field}>`}
      ${!form.userDataName && html`<${Field} label="Script (user data)" hint="Runs as root at the first start. Up to 16 KB.">
          <textarea ...${input('userData')} rows="5" placeholder=${'#!/bin/sh\necho hello'}></textarea></${Field}>`}
      <details><summary>More: tags, price limit, disk, key</summary>
        <${Field} label="Tags" hint="One KEY=VALUE a line."><textarea ...${input('tags')} rows="2" placeholder="team=vision">
            </textarea></${Field}>
        <div class="pair"><${Field} label="At most, $ an hour" hint="Empty: the on-demand price."><input ...${input('price')}
            inputmode="decimal" /></${Field}>
        <${Field} label="Root disk, GiB" hint="Empty: as the image says."><input ...${input('volumeSize')} type="number"
            min="1" /></${Field}></div>
        <${Field} label="Key pair"><input ...${input('keyName')} /></${Field}>
      </details>
      <button type="submit" class="sr">Check</button>
    </form>
    <${LaunchPanel} form=${form} check=${valid} complete=${complete} dryRun=${() => dryRun()} launch=${launch}
        pending=${pendingLaunch} /></div>
    <${KnownTypes} />
  </${Page}>`;
}

/** Estimates from current prices, where a dry run needs an MFA code first. */
async function priceCheck(body) {
  if (!isUnlocked('price')) return {locked: true};
  try {
    const product = /^windows/.test(body.ami ?? state.status.meta.defaultImage) ? 'Windows' : 'Linux/UNIX';
    const {data, meta} = await ask({task: 'price', types: body.types, regions: body.regions, products: product, sort: 'price',
        limit: 1, ...(body.zones && {zones: body.zones}), with: ['onDemand']}, {quiet: true});
    const hours = (leaseMillis(body.lease ?? state.status.meta.defaultLease) ?? 0) / HOUR;
    const [row] = data;
    const each = Number(body.count ?? 1);
    const most = body.price ?? row?.OnDemandPrice;
    return {locked: true, product, missing: failures(meta), guess: row && {hourlyCost: row.SpotPrice * each, leaseCost: row.SpotPrice * each * hours,
        maxLeaseCost: most == null ? null : most * each * hours, savingPercent: row.SavingPercent}};
  } catch (problem) {
    return {locked: true, problem};
  }
}

const Estimate = ({estimate, lease}) => html`<dl class="estimate">
  <div class="main"><dt>Until the lease ends${lease ? html` (${time(lease)})` : ''}</dt><dd>
      ${estimate.leaseCost == null ? '–' : total(estimate.leaseCost)}</dd></div>
  <div><dt>Per hour</dt><dd>${perHour(estimate.hourlyCost)}</dd></div>
  <div><dt>At most</dt><dd>${total(estimate.maxLeaseCost)}</dd></div>
  ${estimate.savingPercent != null && html`<div><dt>Saving against on-demand</dt><dd><${Saving}
      percent=${estimate.savingPercent} /></dd></div>`}
</dl>`;

function poolsNote({candidates, maxPrice, failed}) {
  const more = candidates.length > 5 ? `, and ${candidates.length - 5} more` : '';
  const order = candidates.length > 1 ? `Tried in this order${more}.` : 'Only this pool is tried. Add types or zones to find room more often.';
  return `${order} ${maxPrice ? `None costs more than ${dollars(maxPrice)} an hour. ` : ''}${failures({failed})}`;
}

/** What was sent, as long as it is not known whether it was launched. */
function PendingPanel({pending: {body, meta, problem, busy}, launch}) {
  const what = `${count(Number(body.count), 'instance')} of ${body.types.join(' or ')}`;
  return html`<section class="panel check" aria-labelledby="check-title"><h2 id="check-title">${problem ? 'Not known' : 'Launching'}
      </h2><div role="status"><p>${problem ? html`<strong>It is not known whether this was launched:</strong> ${what}.
        It may run and cost.` : html`Launching ${what}.`}</p>
      ${problem && html`<p class="note">Ask again to learn it. That sends the same request with the same key, so it launches
          nothing twice.</p>`}
      ${meta.estimate && html`<${Estimate} estimate=${meta.estimate} />`}</div>
    <${Problem} problem=${problem} />
    <div class="actions"><${ActionButton} key="launch" class="launch-now" run=${launch}
        aria-busy=${busy ? 'true' : undefined}>${problem ? 'Ask again' : `Launch ${count(Number(body.count), 'instance')}`}
        </${ActionButton}>${problem && !busy && html`<a role="button" class="outline" href="#instances">See instances</a><button
        type="button" class="outline secondary" onClick=${() => update({pendingLaunch: null})}>Do not ask again</button>`}</div>
  </section>`;
}

function LaunchPanel({form, check, complete, dryRun, launch, pending}) {
  const {meta, busy, problem, failed, locked, guess, product, missing, launched, result} = check;
  const heading = launched ? 'Launched' : 'Estimate and dry run';
  if (pending) return html`<${PendingPanel} pending=${pending} launch=${launch} />`;
  return html`<section class="panel check" aria-labelledby="check-title"><h2 id="check-title">${heading}</h2><div role="status">
    ${!complete && !launched && html`<p
        class="note">Enter at least one instance type. The estimate and the result of a dry run appear here.</p>`}
    ${complete && !check.busy && !meta && !problem && !locked && !launched && html`<p class="note">Checking …</p>`}
    ${busy && html`<${Skeleton} rows=${3} />`}
    ${locked && guess && html`<${Estimate} estimate=${guess} />`}
    ${locked && product && html`<p class="note">${guess ? `From current prices of ${product}, not checked.`
        : `No prices of ${product} were found.`} ${missing}</p>`}
    ${locked && html`<p class="note">The dry run needs an MFA code, once an hour.</p>`}
    ${meta && html`${meta.estimate && html`<${Estimate} estimate=${meta.estimate} lease=${meta.lease} />`}
      ${meta.repeated ? html`<p>An earlier launch with this key exists.</p>` : html`<p class="verdict"><span
          class="state ok">EC2 would launch this</span></p>`}
      ${meta.candidates?.length > 0 && html`<ol class="pools">${meta.candidates.slice(0, 5).map((pool, i) => html`<li
          key=${i}><span>${pool.InstanceType} <span class="note">${pool.AvailabilityZone}</span></span><span>
          ${pool.SpotPrice && perHour(pool.SpotPrice)}</span></li>`)}</ol>
      <p class="note">${poolsNote(meta)}</p>`}
      ${meta.budget && html`<p class="note">${meta.budget.summary}</p>`}`}
    ${launched && html`<ul class="events">${launched.map(row => html`<li key=${row.InstanceId} class="launched"><p><strong>
        ${nameOf(row)}</strong></p><p class="note">${row.InstanceType} · ${row.AvailabilityZone} · until ${time(row.Lease)}
        </p></li>`)}</ul>
      ${result.notLaunched && html`<p>${result.notLaunched} of ${result.asked} had no room.</p>`}`}
    </div>
    <${Problem} problem=${problem ?? failed} />
    <div class="actions">${launched ? html`<a role="button" href="#instances">See instances</a><button type="button"
        class="outline secondary" onClick=${dryRun}>Launch another</button>`
      : check.launch ? html`<${ActionButton} key="launch" class="launch-now"
          run=${launch}>Launch ${count(Number(form.count), 'instance')}</${ActionButton}>`
      : html`<${ActionButton} disabled=${!complete} class=${locked || problem ? '' : 'outline'} run=${dryRun}>
          ${locked ? 'Enter code and check' : 'Check'}</${ActionButton}>`}</div>
  </section>`;
}
