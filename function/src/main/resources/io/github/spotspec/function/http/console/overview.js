// Overview: what runs, what it costs, what ends soon, and interruptions.

function costNote(totals, cost) {
  if (!totals) return 'no instances to pay for';
  if (totals.unknown === totals.instances) return unknownNote(totals);
  const least = cost?.unknown || cost?.failed?.length ? 'at least ' : '';
  const today = cost?.costToday == null ? '' : `${least}${total(cost.costToday)} today, `;
  const unknown = totals.unknown ? `${unknownNote(totals)}; ` : '';
  return `${unknown}${today}${total(totals.leaseCost)} more until the leases end`;
}

const unknownNote = ({unknown}) => `cost unknown for ${count(unknown, 'instance')}`;

/** Formats an amount of the totals, which are zero if the cost of no instance is known. */
function sum(totals, name, format) {
  if (!totals) return format(0);
  return totals.unknown && totals.unknown === totals.instances ? '–' : format(totals[name]);
}

function OverviewView({instances, instancesProblem, refreshing, cost, activity, now}) {
  const running = runningOf(instances);
  const totals = instances?.meta.cost;
  const next = running[0];
  const soon = running.filter(row => leaseLeft(row, now) < HOUR).length;
  const interrupted = (instances?.rows ?? []).filter(isInterrupted);
  const regions = [...new Set(running.map(row => row.Region))];
  const silent = instances?.meta.failed?.length ?? 0;
  return html`<${Page} title="Overview"
      note=${instances ? html`As of ${time(instances.meta.at)}. ${failures(instances.meta)}` : 'Asking EC2 …'}
      actions=${html`<${RefreshButton} refreshing=${refreshing} /><${EndAllButton} rows=${running} />
          ${may('launch') && html`<a role="button" href="#launch"><${Icon} name="launch" />Launch</a>`}`}>
    <${Problem} problem=${instancesProblem} retry=${() => loadInstances(false)} />
    ${!instances ? !instancesProblem && html`<${Skeleton} rows=${6} />` : html`
    <dl class="figures">
      <${Figure} label="Running" value=${running.length}
          note=${silent ? `${count(silent, 'region')} did not answer` : regions.length ? `in ${count(regions.length, 'region')}`
              : 'nothing now'} />
      <${Figure} label="Per hour" value=${sum(totals, 'hourlyCost', dollars)}
          note=${totals?.unknown ? unknownNote(totals) : 'at current spot prices'} />
      <${Figure} label="Cost so far" value=${sum(totals, 'cost', total)}
          note=${costNote(totals, cost)} />
      <${Figure} label="Ends next" value=${next ? duration(leaseLeft(next, now)) : '–'}
          tone=${next && leaseLeft(next, now) < 30 * MINUTE ? 'warn' : ''}
          note=${next ? `${nameOf(next)}${soon > 1 ? `, ${soon} within the hour` : ''}` : 'no lease runs'} />
      <${Figure} label="Interruptions" value=${interrupted.length} tone=${interrupted.length ? 'bad' : ''}
          note=${interrupted.length ? 'by EC2, see below' : 'in about the last hour'} />
    </dl>
    <section class="panel" aria-labelledby="running-title"><div class="panel-head"><h2 id="running-title">Ends soonest</h2><a
        href="#instances">All instances</a></div>
      ${running.length ? html`<${Table} caption="Running instances" columns=${instanceColumns(now)}
          rows=${running.slice(0, 10)} rowKey=${row => row.InstanceId} rowClass=${() => 'alive'}
          sort=${{key: 'left', descending: false}} />` : html`<${NothingRuns} missing=${failures(instances.meta)} />`}</section>
    <div class="columns">
      <section class="panel" aria-labelledby="interruptions-title"><div class="panel-head"><h2
          id="interruptions-title">Interruptions</h2></div>
        ${interrupted.length ? html`<ul class="events">${interrupted.map(row => html`<li key=${row.InstanceId} class="failed">
            <p><strong>${nameOf(row)}</strong> ${isAlive(row) ? 'got a notice from EC2' : 'was interrupted by EC2'}</p>
          <p class="note">${row.InstanceType} · ${row.AvailabilityZone}${
            row.Interrupted ? ` · ${ago(row.Interrupted, now)}` : ''}</p></li>`)}</ul>`
          : html`<p class="note quiet">None. EC2 shows ended instances for about an hour.</p>`}</section>
      <section class="panel" aria-labelledby="recent-title"><div class="panel-head"><h2 id="recent-title">Recent activity</h2>
          <a href="#activity">All activity</a></div>
        <${Events} events=${eventsOf(instances, activity).slice(0, 5)} now=${now} /></section>
    </div>`}
  </${Page}>`;
}
