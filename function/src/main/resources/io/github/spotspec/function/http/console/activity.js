// Activity: what this tab did, and what the instances say about launches, interruptions and ends.

function eventsOf(instances, activity) {
  return [...activity, ...(instances?.rows ?? []).flatMap(eventsOfInstance)].sort((one, other) => other.at - one.at);
}

function eventsOfInstance(row) {
  const event = (what, at, kind, text, detail) => ({id: `${row.InstanceId}-${what}`, at, kind, text, detail});
  const launched = Date.parse(row.LaunchTime);
  const events = [event('launch', launched, 'launched', `${nameOf(row)} was launched`,
      `${row.InstanceType} in ${row.AvailabilityZone}, by ${callerName(row.Caller)}`)];
  if (row.Interrupted) {
    events.push(event('notice', Date.parse(row.Interrupted), 'failed', `EC2 sent a notice for ${nameOf(row)}`,
        `${row.AvailabilityZone}: an interruption, or a higher risk of one`));
  }
  if (!isAlive(row)) {
    const cost = row.Cost ? `; it cost ${total(row.Cost)}` : '';
    events.push(event('end', launched + (row.Seconds ?? 0) * 1000, isInterrupted(row) ? 'failed' : 'ended',
        `${nameOf(row)} ended`, `${endReason(row)}${cost}`));
  }
  return events;
}

const Events = ({events, now}) => events.length ? html`<ul class="events">
    ${events.map(({id, at, kind, text, detail}) => html`<li key=${id} class=${kind}>
  <p>${text}</p><p class="note">${detail ? `${detail} · ` : ''}<time datetime=${new Date(at).toISOString()}>
      ${ago(new Date(at).toISOString(), now)}</time></p></li>`)}</ul>`
  : html`<p class="note quiet">Nothing yet.</p>`;

function ActivityView({instances, activity, now}) {
  const events = eventsOf(instances, activity);
  return html`<${Page} title="Activity"
      note="What you did in this tab,
      and what EC2 still shows of instances: about an hour after they end. The page keeps none of it when you close the tab.">
    <section class="panel">${events.length ? html`<${Events} events=${events} now=${now} />` : html`<${Empty}
        title="Nothing happened yet" text="Launches, extensions, ends and interruptions appear here." />`}</section></${Page}>`;
}
