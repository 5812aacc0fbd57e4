// Activity: what this tab did, and what the instances say about launches, interruptions and ends.

function eventsOf(instances, activity) {
  const seen = (instances?.rows ?? []).flatMap(row => [
    {id: `${row.InstanceId}-launch`, at: Date.parse(row.LaunchTime), kind: 'launched', text: `${nameOf(row)} was launched`, detail: `${row.InstanceType} in ${row.AvailabilityZone}, by ${callerName(row.Caller)}`},
    ...(row.Interrupted ? [{id: `${row.InstanceId}-notice`, at: Date.parse(row.Interrupted), kind: 'failed', text: `EC2 sent a notice for ${nameOf(row)}`, detail: `${row.AvailabilityZone}: an interruption, or a higher risk of one`}] : []),
    ...(isAlive(row) ? [] : [{id: `${row.InstanceId}-end`, at: Date.parse(row.EndTime ?? '') || Date.parse(row.LaunchTime) + (row.Seconds ?? 0) * 1000, kind: isInterrupted(row) ? 'failed' : 'ended', text: `${nameOf(row)} is ${row.State}`, detail: `${endReason(row)}${row.Cost ? `; it cost ${total(row.Cost)}` : ''}`}]),
  ]);
  return [...activity, ...seen].sort((one, other) => other.at - one.at);
}

const Events = ({events, now}) => events.length ? html`<ul class="events">${events.map(({id, at, kind, text, detail}) => html`<li key=${id} class=${kind}>
  <p>${text}</p><p class="note">${detail ? `${detail} · ` : ''}<time datetime=${new Date(at).toISOString()}>${ago(new Date(at).toISOString(), now)}</time></p></li>`)}</ul>`
  : html`<p class="note quiet">Nothing yet.</p>`;

function ActivityView({instances, activity, now}) {
  const events = eventsOf(instances, activity);
  return html`<${Page} title="Activity" note="What you did in this tab, and what EC2 still shows of instances: about an hour after they end. The page keeps none of it when you close the tab.">
    <section class="panel">${events.length ? html`<${Events} events=${events} now=${now} />` : html`<${Empty} title="Nothing happened yet" text="Launches, extensions, ends and interruptions appear here." />`}</section></${Page}>`;
}
