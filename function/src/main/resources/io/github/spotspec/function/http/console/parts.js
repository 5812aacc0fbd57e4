// The parts that views are made of.

const ICONS = {
  overview: 'M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z',
  instances: 'M4 5h16v6H4zM4 13h16v6H4zM8 8h.01M8 16h.01',
  prices: 'M12 3v18M17 8c-.6-1.600-2.400-2.500-5-2.500-2.700 0-4.700 1-4.700 3.200 0 4.600 9.400 2 9.400 6.600 0 2.200-2 3.200-4.700 3.200-2.700 0-4.500-.9-5-2.500',
  history: 'M4 4v16h16M7 15l4-5 3 3 5-7',
  launch: 'M12 5v14M5 12h14',
  activity: 'M4 12h4l2.500-7 4 14 2.500-7H20',
  refresh: 'M20 11a8 8 0 1 0-.6 4M20 4v7h-7',
  close: 'M6 6l12 12M18 6L6 18',
  end: 'M7 7h10v10H7z',
  output: 'M5 8l4 4-4 4M12 17h7',
  extend: 'M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  out: 'M14 4h6v16h-6M4 12h11M11 8l4 4-4 4',
};

const Icon = ({name}) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${ICONS[name]} /></svg>`;

/** A button that is busy while its action runs. */
function ActionButton({run, children, class: className = '', disabled = false, ...rest}) {
  const [busy, setBusy] = useState(false);
  const click = async () => {
    if (busy) return;
    setBusy(true);
    try {
      await run();
    } finally {
      setBusy(false);
    }
  };
  return html`<button type="button" class=${className} disabled=${disabled} aria-busy=${busy ? 'true' : undefined}
      onClick=${click} ...${rest}>${children}</button>`;
}

function Page({title, children, actions, note}) {
  return html`<section class="page" aria-labelledby="title">
    <div class="page-head"><div><h1 id="title" tabindex="-1">${title}</h1>${note && html`<p class="note">${note}</p>`}</div>
    <div class="actions">${actions}</div></div>
    ${children}
  </section>`;
}

function Problem({problem, retry}) {
  if (problem instanceof Canceled && retry) {
    return html`<${Empty} title="This needs an MFA code" text="One code serves for about an hour.">
      <div class="actions"><button type="button" onClick=${retry}>Enter a code</button></div></${Empty}>`;
  }
  if (!problem || problem instanceof Canceled) return null;
  const {title, next, details, code, requestId} = explain(problem);
  return html`<div class="problem" role="alert">
    <p><strong>${title}.</strong> ${next}</p>
    <p class="note">${details}
      <span><code>${code}</code>${requestId && html`, request <code>${requestId}</code>`}</span></p>
    ${retry && html`<button type="button" class="small outline secondary" onClick=${retry}>Try again</button>`}
  </div>`;
}

/** Says that there is nothing, and what to do next. */
const Empty = ({title, text, children}) => html`<div class="empty"><h2>${title}</h2><p>${text}</p>${children}</div>`;

const Skeleton = ({rows = 4}) => html`<div class="skeleton" role="status"><span class="sr">Loading</span>
  ${Array.from({length: rows}, (_, i) => html`<div key=${i}></div>`)}</div>`;

const Figure = ({label, value, note, tone = ''}) => html`<div class=${`figure ${tone}`}><dt>${label}</dt><dd><span
    class="value">${value}</span>
  <span class="note">${note}</span></dd></div>`;

const TONES = {running: 'ok', pending: 'warn', stopping: 'warn', stopped: 'warn', 'shutting-down': 'off', terminated: 'off'};

function State({row}) {
  const interrupted = isInterrupted(row);
  return html`<span class=${`state ${interrupted ? 'bad' : TONES[row.State] ?? 'off'}`}>
      ${!interrupted ? row.State : isAlive(row) ? 'notice from EC2' : 'interrupted'}</span>`;
}

/** The time left of a lease, which counts down. */
function TimeLeft({row, now}) {
  if (!isAlive(row) || !row.Lease) return html`<span class="note">–</span>`;
  const left = leaseLeft(row, now);
  const all = Date.parse(row.Lease) - Date.parse(row.LaunchTime);
  const tone = left < 30 * MINUTE ? 'soon' : '';
  return html`<span class=${`left ${tone}`} title=${`Ends ${time(row.Lease)}`}><span data-lease=${row.Lease}>
      ${left ? duration(left) : 'over'}</span>
    <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="all" width="100"
        height="4" /><rect width=${Math.min(100, 100 * left / all) || 0} height="4" /></svg></span>`;
}

/**
 * A table that becomes a list of cards on a phone. A column has a key, a heading, a cell, and optionally what to sort
 * by; cells carry their headings for the cards.
 */
function Table({caption, columns, rows, rowKey, sort: initial, rowClass}) {
  const [sort, setSort] = useState(initial ?? {key: '', descending: false});
  const sorted = useMemo(() => {
    const by = columns.find(({key}) => key === sort.key)?.sort;
    if (!by) return rows;
    const order = (one, other) => typeof one === 'number' && typeof other === 'number' ? one - other
        : String(one).localeCompare(String(other), undefined, {numeric: true});
    const known = rows.filter(row => by(row) != null && !Number.isNaN(by(row)));
    const unknown = rows.filter(row => !known.includes(row));
    return [...known.sort((one, other) => order(by(one), by(other)) * (sort.descending ? -1 : 1)), ...unknown];
  }, [rows, sort, columns.length]);
  const heading = ({key, head, sort: by, number}) => html`<th key=${key} scope="col" class=${`${number ? 'number ' : ''}c-${key}`}
      aria-sort=${!by ? undefined : sort.key !== key ? 'none' : sort.descending ? 'descending' : 'ascending'}>${by
    ? html`<button type="button" onClick=${() => setSort({key, descending: sort.key === key && !sort.descending})}>${head}
        </button>`
    : head || html`<span class="sr">Actions</span>`}</th>`;
  const sortable = columns.filter(column => column.sort);
  return html`<div class="table">${rows.length > 2 && html`<label class="phone-sort note">Sorted by <${Select}
      value=${sort.key} options=${sortable.map(({key, head}) => [key, head.toLowerCase()])}
      onChange=${key => setSort({key, descending: false})} /></label>`}
  <table role="table">
    <caption class="sr">${caption}</caption>
    <thead role="rowgroup"><tr role="row">${columns.map(heading)}</tr></thead>
    <tbody role="rowgroup">${sorted.map(row => html`<tr role="row" key=${rowKey(row)} class=${rowClass?.(row) ?? ''}>
        ${columns.map(({key, head, cell, number, title}) =>
      html`<td role="cell" key=${key} class=${`${number ? 'number ' : ''}c-${key}`} data-head=${title ? undefined : head}>
          ${cell(row)}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

/** A small line of prices over time, drawn as steps. */
function Sparkline({points, from, to}) {
  if (!points?.length) return html`<span class="spark none" aria-hidden="true"></span>`;
  const prices = points.map(point => Number(point.SpotPrice));
  const [least, most] = [Math.min(...prices), Math.max(...prices)];
  const x = at => Math.max(0, Math.min(100, 100 * (Date.parse(at) - from) / (to - from)));
  const y = price => most === least ? 12 : 22 - 20 * (price - least) / (most - least);
  let path = `M0 ${y(prices[0]).toFixed(1)}`;
  points.forEach((point, i) => { path += `H${x(point.Timestamp).toFixed(1)}V${y(prices[i]).toFixed(1)}`; });
  const change = 100 * (prices.at(-1) / prices[0] - 1);
  const words = `${change > 0 ? '+' : ''}${change.toFixed(1)} % in 24 hours`;
  return html`<svg class=${`spark ${change > 0.05 ? 'up' : change < -0.05 ? 'down' : ''}`} viewBox="0 0 100 24"
      preserveAspectRatio="none" role="img" aria-label=${words}><title>${words}</title><path d=${`${path}H100`} /></svg>`;
}

/** Choices of which one is chosen, as a row of radio buttons. */
function Choice({label, name, value, options, onChange}) {
  return html`<fieldset class="choice"><legend>${label}</legend><div>${options.map(([option, text]) => html`<label key=${option}>
    <input type="radio" name=${name} value=${option} checked=${value === option} onChange=${() => onChange(option)} /><span>
        ${text}</span></label>`)}</div></fieldset>`;
}

const Field = ({label, hint, children, class: className = ''}) => html`<label class=${`field ${className}`}><span>${label}
    </span>${children}${hint && html`<small>${hint}</small>`}</label>`;

const Select = ({value, options, onChange, name}) => html`<select name=${name} onChange=${event => onChange(event.target.value)}>
  ${options.map(([option, text]) => html`<option key=${option} value=${option} selected=${option === value}>${text}
      </option>`)}</select>`;

/** The regions to choose from. If there is only one, it is all. */
function regionOptions(all = `All ${regionsOf().length} regions`) {
  const regions = regionsOf();
  return regions.length === 1 ? [['all', regions[0]]] : [['all', all], ...regions.map(region => [region, region])];
}

// ---- dialogs and messages

/**
 * A modal dialog. The browser keeps the focus in it, and returns the focus when it closes. While it is busy, it stays,
 * because it shows what comes of what was asked.
 */
function Dialog({title, children, onClose, wide = false, busy = false, id = 'dialog-title'}) {
  const ref = useRef();
  useLayoutEffect(() => {
    if (!busy) return;
    const stay = event => { if (event.key === 'Escape') event.preventDefault(); };
    addEventListener('keydown', stay, true);
    return () => removeEventListener('keydown', stay, true);
  }, [busy]);
  // Chromium may close a dialog at the second press of Escape or of a phone's back button, whatever onCancel does.
  const closed = () => {
    if (!ref.current?.isConnected || ref.current.open) return;
    if (busy) ref.current.showModal();
    else onClose();
  };
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return html`<dialog ref=${ref} class=${wide ? 'wide' : ''} aria-labelledby=${id} onClose=${closed}
      onCancel=${event => { event.preventDefault(); if (!busy) onClose(); }}>
    <article>
      <header><h2 id=${id}>${title}</h2><button type="button" class="plain" aria-label="Close" disabled=${busy} onClick=${onClose}>
          <${Icon} name="close" /></button></header>
      ${children}
    </article></dialog>`;
}

const closeDialog = () => update({dialog: null});

function CodeDialog({why, busy, submit, cancel}) {
  const {title, next} = explain(why);
  const enter = event => {
    event.preventDefault();
    const field = event.target.elements.mfaCode;
    const code = field.value;
    field.value = '';
    submit(code);
  };
  return html`<${Dialog} title="Enter an MFA code" onClose=${cancel} id="code-title">
    <form onSubmit=${enter}>
      <p id="code-why" role=${why.code === 'MfaRequired' ? undefined : 'alert'}>${why.code !== 'MfaRequired' && html`<strong>
          ${title}. </strong>`}${next}</p>
      <label class="field"><span>Six digits</span><input name="mfaCode" inputmode="numeric" autocomplete="one-time-code"
          pattern="[0-9]{6}" maxlength="6" required autofocus aria-describedby="code-why" /></label>
      <div class="actions end"><button type="button" class="outline secondary" onClick=${cancel}>Cancel</button>
      <button type="submit" aria-busy=${busy ? 'true' : undefined}>Continue</button></div>
    </form></${Dialog}>`;
}

function Dialogs({dialog, now}) {
  if (!dialog) return null;
  const kinds = {end: EndDialog, extend: ExtendDialog, output: OutputDialog, details: DetailsDialog};
  // Leaves a dialog alone that was opened later.
  const close = () => { if (state.dialog === dialog) closeDialog(); };
  return html`<${kinds[dialog.kind]} key=${dialog.kind} ...${dialog} now=${now} close=${close} />`;
}

const Toasts = ({toasts}) => html`<div class="toasts" role="status" aria-live="polite">${toasts.map(({id, text, kind, detail}) =>
  html`<div key=${id} class=${`toast ${kind}`}><p><strong>${text}</strong>${detail && html`<br />${detail}`}</p>
  <button type="button" class="plain" aria-label="Dismiss"
      onClick=${() => update({toasts: state.toasts.filter(toast => toast.id !== id)})}><${Icon} name="close" /></button>
      </div>`)}</div>`;
