// Instances: the list, and how to extend and end them and to see their output.

const runningOf = instances => (instances?.rows ?? []).filter(isAlive).sort((one, other) =>
    Date.parse(one.Lease) - Date.parse(other.Lease));

const NameCell = ({row}) => html`<button type="button" class="link name"
    onClick=${() => update({dialog: {kind: 'details', row}})}>${nameOf(row)}</button>
  <span class="note">${row.Name ? row.InstanceId : ''}</span>`;

function RowActions({row}) {
  if (!isAlive(row)) return may('console') && html`<${OutputButton} row=${row} />`;
  return html`<span class="row-actions">
    ${may('extend') && html`<button type="button" class="small outline secondary" aria-label=${`Extend ${nameOf(row)}`}
        onClick=${() => update({dialog: {kind: 'extend', row}})}>Extend</button>`}
    ${may('console') && html`<${OutputButton} row=${row} />`}
    ${may('end') && html`<button type="button" class="small outline danger" aria-label=${`End ${nameOf(row)}`}
        onClick=${() => update({dialog: {kind: 'end', rows: [row]}})}>End</button>`}
  </span>`;
}

const OutputButton = ({row}) => html`<button type="button" class="small outline secondary"
    aria-label=${`Output of ${nameOf(row)}`}
  onClick=${() => update({dialog: {kind: 'output', row}})}>Output</button>`;

const instanceColumns = now => [
  {key: 'name', head: 'Instance', title: true, sort: nameOf, cell: row => html`<${NameCell} row=${row} />`},
  {key: 'state', head: 'State', sort: row => row.State, cell: row => html`<${State} row=${row} />`},
  {key: 'type', head: 'Type', sort: row => row.InstanceType, cell: row => html`<span>${row.InstanceType}</span><span
      class="note">${row.AvailabilityZone}</span>`},
  {key: 'left', head: 'Time left', sort: row => isAlive(row) ? Date.parse(row.Lease) : null, cell: row => html`<${TimeLeft}
      row=${row} now=${now} />`},
  {key: 'price', head: 'Per hour', number: true, sort: row => row.HourlyCost == null ? null : Number(row.HourlyCost),
      cell: row => perHour(row.HourlyCost)},
  {key: 'cost', head: 'So far', number: true, sort: row => row.Cost == null ? null : Number(row.Cost),
    cell: row => html`<span title=${row.CostUnknown ?? ''}>${total(row.Cost)}</span>`},
  {key: 'actions', head: '', title: true, cell: row => html`<${RowActions} row=${row} />`},
];

const RefreshButton = ({refreshing}) => html`<button type="button" class="outline secondary"
    aria-busy=${refreshing ? 'true' : undefined} onClick=${() => loadInstances(false)}>
  ${!refreshing && html`<${Icon} name="refresh" />`}Refresh</button>`;

function EndAllButton({rows}) {
  if (!may('end') || !rows.length) return null;
  return html`<button type="button" class="outline danger"
      onClick=${() => update({dialog: {kind: 'end', rows}})}>End all</button>`;
}

function InstancesView({instances, instancesProblem, refreshing, now}) {
  const [filter, setFilter] = useState('');
  const [which, setWhich] = useState('all');
  const rows = instances?.rows ?? [];
  const textOf = row => [row.Name, row.InstanceId, row.InstanceType, row.AvailabilityZone, row.Caller, row.State].join(' ');
  const shown = rows.filter(row => (which === 'all' || isAlive(row) === (which === 'running')) && matches(textOf(row), filter));
  return html`<${Page} title="Instances"
      note=${instances && html`${count(runningOf(instances).length, 'instance')} alive. ${failures(instances.meta)}`}
      actions=${html`<${RefreshButton} refreshing=${refreshing} /><${EndAllButton} rows=${runningOf(instances)} />`}>
    <${Problem} problem=${instancesProblem} retry=${() => loadInstances(false)} />
    ${!instances ? !instancesProblem && html`<${Skeleton} />` : rows.length === 0 ? html`<${NothingRuns} missing=${failures(instances.meta)} />` : html`
      <div class="filters"><${Field} label="Filter"><input type="search" value=${filter} placeholder="Name, type, zone …"
          onInput=${event => setFilter(event.target.value)} /></${Field}>
      <${Choice} label="Show" name="which" value=${which}
          options=${[['all', 'All'], ['running', 'Alive'], ['ended', 'Ended']]} onChange=${setWhich} /></div>
      <${Table} caption="Instances" columns=${instanceColumns(now)} rows=${shown} rowKey=${row => row.InstanceId}
          rowClass=${row => isAlive(row) ? 'alive' : 'ended'} sort=${{key: 'left', descending: false}} />
      ${!shown.length && html`<${Empty} title="No instance matches" text="Change the filter to see the others." />`}`}
  </${Page}>`;
}

const NothingRuns = ({missing}) => html`<${Empty} title=${missing ? 'Nothing runs in the regions that answered' : 'Nothing runs'}
    text=${missing ? `${missing}. Instances there may run and cost.` : may('launch') ? 'Find a cheap type, or launch one that you know.'
    : 'Instances appear here when somebody launches them.'}>
  <div class="actions">${may('price') && html`<a role="button" class="outline"
      href="#prices">Compare prices</a>`}${may('launch') && html`<a role="button" href="#launch">Launch</a>`}</div></${Empty}>`;

// ---- dialogs

/** Returns what came of the end of each row: the names of those that ended, that were not found, and of which it is not known. */
function endResult(rows, data, meta) {
  const failed = new Set((meta.failed ?? []).map(({region}) => region));
  const named = new Set([...data, ...(meta.refused ?? []).map(({id}) => ({InstanceId: id}))].map(({InstanceId}) => InstanceId));
  const rest = rows.filter(row => !named.has(row.InstanceId));
  const isGone = row => meta.missing?.includes(row.InstanceId) && !failed.has(row.Region);
  return {ended: data.filter(row => row.Ended !== false).length, gone: rest.filter(isGone).map(nameOf),
      unknown: rest.filter(row => !isGone(row)).map(nameOf)};
}

function EndDialog({rows, close}) {
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const some = rows.length === 1;
  const end = async () => {
    const {signal} = asking;
    setProblem(null);
    setBusy(true);
    try {
      const {data, meta} = await ask({task: 'end', regions: [...new Set(rows.map(row => row.Region))],
          instanceIds: rows.map(row => row.InstanceId)});
      const {ended, gone, unknown} = endResult(rows, data, meta);
      const what = some ? nameOf(rows[0]) : count(ended, 'instance');
      const missing = gone.length ? `Not found: ${gone.join(', ')}. ` : '';
      const failed = failures(meta);
      const may = unknown.length ? `${failed ? `${failed}: ` : ''}${unknown.join(', ')} may still run. ` : failed ? `${failed}. ` : '';
      const left = meta.left ? `${count(meta.left, 'instance')} still ending. ` : '';
      const refused = (meta.refused ?? []).map(({id, error, details}) => `${id}: ${error}, ${details}`).join(' ');
      const unpriced = meta.cost?.unknown ? `${unknownNote(meta.cost)}` : '';
      const sumOf = meta.cost?.cost == null || meta.cost.unknown === meta.cost.instances ? '' : `Cost: ${total(meta.cost.cost)}`;
      const cost = sumOf || unpriced ? `${[sumOf, unpriced].filter(Boolean).join(', ')}. ` : '';
      close();
      const isPartial = refused || failed || unknown.length;
      report(isPartial ? 'Not everything ended' : !meta.left ? ended ? `${what} ended` : `${what} not found` : some ? `${what} still ending` : 'Still ending',
          {kind: isPartial || meta.left ? 'failed' : 'done', detail: `${isPartial ? `${count(ended, 'instance')} ended. ` : ''}${cost}${
            isPartial || !some ? left : ''}${missing}${may}${refused}`});
    } catch (problem) {
      setBusy(false);
      if (signal.aborted || problem instanceof Canceled) return;
      if (problem.code !== 'IdNotFound') {
        setProblem(problem);
        if (isUncertain(problem)) loadInstances();
        return;
      }
      close();
      report(some ? `${nameOf(rows[0])} was already gone` : 'They were already gone', {detail: `${explain(problem).next}`});
    }
    await loadInstances();
  };
  return html`<${Dialog} title=${some ? `End ${nameOf(rows[0])}?` : `End ${rows.length} instances?`} onClose=${close}
      busy=${busy}>
    <p>${some ? 'Its spot request is canceled and it is terminated.'
        : 'Their spot requests are canceled and they are terminated.'} What ${some ? 'its' : 'their'} volumes hold is lost.</p>
    <ul class="named" tabindex=${rows.length > 4 ? 0 : undefined}>${rows.map(row => html`<li key=${row.InstanceId}><strong>
        ${nameOf(row)}</strong> <span class="note">
        ${row.Name ? `${row.InstanceId} · ` : ''}${row.InstanceType} · ${row.AvailabilityZone}</span></li>`)}</ul>
    <${Problem} problem=${problem} />
    <div class="actions end"><button type="button" class="outline secondary" autofocus
        disabled=${busy} onClick=${close}>Keep ${some ? 'it' : 'them'}</button>
    <${ActionButton} class="danger" run=${end}>End ${some ? 'it' : `all ${rows.length}`}</${ActionButton}></div>
  </${Dialog}>`;
}

/** Returns the next time that the clock shows six in the evening. */
function evening(now) {
  const date = new Date(now);
  date.setHours(18, 0, 0, 0);
  return date.getTime() > now ? date.getTime() : date.getTime() + DAY;
}

function ExtendDialog({row, now, close}) {
  const [busy, setBusy] = useState(false);
  const [lease, setLease] = useState('');
  const [problem, setProblem] = useState(null);
  const [pending, setPending] = useState(null); // a shorter lease that is to be confirmed
  const ends = Date.parse(row.Lease);
  const untilEvening = `until ${isSameDay(evening(now), now) ? '' : 'tomorrow '}18:00`;
  const presets = [['+1 h', ends + HOUR], ['+8 h', ends + 8 * HOUR], [untilEvening, evening(now)]];
  const extend = async end => {
    setProblem(null);
    // The service counts from its own time and rounds up to a minute.
    const shorten = end + MINUTE < ends;
    if (busy) return;
    if (shorten && pending !== end) return setPending(end);
    const {signal} = asking;
    setBusy(true);
    try {
      const minutes = Math.max(1, Math.round((end - serviceNow()) / MINUTE));
      const body = {task: 'extend', regions: [row.Region], instanceIds: [row.InstanceId], lease: `${minutes}m`};
      const {data, meta} = await ask(shorten ? {...body, shorten} : body);
      const refused = meta.refused?.[0];
      close();
      if (refused) report(`${nameOf(row)} was not extended`, {kind: 'failed', detail: `${refused.error}: ${refused.details}`});
      else report(`${nameOf(row)} has until ${time(data[0].Lease)}`);
    } catch (problem) {
      setBusy(false);
      if (signal.aborted || problem instanceof Canceled) return;
      if (!['IdNotFound', 'InstanceEnded'].includes(problem.code)) {
        setProblem(problem);
        if (isUncertain(problem)) loadInstances();
        return;
      }
      close();
      report(`${nameOf(row)} was not extended`, {kind: 'failed', detail: `${explain(problem).title}.`});
    }
    await loadInstances();
  };
  const more = end => {
    if (end < ends) return ' · shorter';
    return row.HourlyCost == null ? '' : ` · + ${total(Number(row.HourlyCost) * (end - ends) / HOUR)}`;
  };
  const custom = leaseMillis(lease);
  return html`<${Dialog} title=${`Extend ${nameOf(row)}`} onClose=${close} busy=${busy}>
    <p>The lease ends ${time(row.Lease)}, in ${duration(leaseLeft(row, now))}.</p>
    <div class="presets">${presets.map(([text, end], i) => html`<${ActionButton} key=${text} class="outline secondary"
        autofocus=${i === 0} run=${() => extend(end)}><strong>${text}</strong>
      <span class="note">ends ${time(end)}${more(end)}</span></${ActionButton}>`)}</div>
    <form class="inline" onSubmit=${event => { event.preventDefault(); if (custom) extend(serviceNow() + custom); }}>
      <${Field} label="Or from now on" hint="90m, 8h or 2d"><input name="lease" value=${lease} autocapitalize="off"
          autocomplete="off" onInput=${event => setLease(event.target.value)} /></${Field}>
      <button type="submit" class="outline" disabled=${!custom}>Set</button></form>
    ${pending && html`<div class="problem" role="alert"><p>
        <strong>This ends the lease earlier</strong>, at ${time(pending)} instead of ${time(row.Lease)}.</p>
      <${ActionButton} class="small danger" run=${() => extend(pending)}>Shorten it</${ActionButton}></div>`}
    <${Problem} problem=${problem} />
  </${Dialog}>`;
}

/** Removes what would move a terminal's cursor or color its text. */
const plainText = text => visible(text)
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b[@-_]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n');

function outputNote(answer) {
  const why = isAlive(answer) ? '' : `: ${endReason(answer)}`;
  const when = answer.Timestamp ? `, read ${time(answer.Timestamp)}` : '';
  return `${answer.State}${why}${when}${answer.Latest === false ? ', may be old' : ''}`;
}

function OutputDialog({row, close}) {
  const [answer, setAnswer] = useState(null);
  const [problem, setProblem] = useState(null);
  const load = async () => {
    setProblem(null);
    try {
      const {data, meta} = await ask({task: 'console', regions: [row.Region], instanceIds: [row.InstanceId]});
      const refused = meta.refused?.[0];
      if (refused) setProblem(new Refused(refused));
      else setAnswer(data[0]);
    } catch (problem) {
      if (problem instanceof Canceled) return close();
      setProblem(problem);
    }
  };
  useEffect(() => { load(); }, []);
  const output = answer && plainText(answer.Output ?? '');
  return html`<${Dialog} title=${`Output of ${nameOf(row)}`} onClose=${close} wide>
    <p class="note">${answer ? outputNote(answer) : 'Reading what the instance wrote to its console.'}</p>
    <${Problem} problem=${problem} retry=${load} />
    ${answer ? output ? html`<pre class="output" tabindex="0" aria-label="Console output">${output}</pre>`
      : html`<${Empty} title="No output yet" text="EC2 shows the output some minutes after the start. Try again then." />`
      : !problem && html`<${Skeleton} />`}
    <div class="actions end"><${ActionButton} class="outline secondary" run=${load}>Read again</${ActionButton}></div>
  </${Dialog}>`;
}

function DetailsDialog({row, now, close}) {
  const lease = isAlive(row) && row.Lease ? `${time(row.Lease)}, in ${duration(leaseLeft(row, now))}` : null;
  const facts = [
    ['State', html`<${State} row=${row} />`],
    ['Why', isAlive(row) ? null : endReason(row)],
    ['Instance', row.InstanceId],
    ['Type', row.InstanceType],
    ['Zone', row.AvailabilityZone],
    ['Image', row.ImageId],
    ['Public address', row.PublicIpAddress],
    ['Private address', row.PrivateIpAddress],
    ['IPv6', row.Ipv6Address],
    ['Launched', `${time(row.LaunchTime)}, by ${visible(row.Caller ?? 'an unknown caller')}`],
    ['Lease ends', lease],
    ['Notice from EC2', row.Interrupted && time(row.Interrupted)],
    ['Per hour', row.HourlyCost && dollars(row.HourlyCost)],
    ['So far', row.Cost ? dollars(row.Cost) : row.CostUnknown],
    ['Ends when idle', row.EndWhenIdle],
    ['Key pair', row.KeyName],
    ['Tags', Object.entries(row.Tags ?? {}).map(([key, value]) => visible(`${key}=${value}`)).join(', ')],
  ].filter(([, value]) => value);
  return html`<${Dialog} title=${nameOf(row)} onClose=${close}>
    <dl class="facts">${facts.map(([label, value]) => html`<div key=${label}><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
    <div class="actions end"><${RowActions} row=${row} /></div></${Dialog}>`;
}
