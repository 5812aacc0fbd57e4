// History: one chart with a line for each zone, and the same as a table.

const RANGES = [['1d', 'Day'], ['7d', 'Week'], ['30d', '30 days'], ['90d', '90 days']];

/** Returns the lines on one time axis: each keeps its price until the next change. */
function aligned(pools, meta) {
  const [from, to] = [meta.from, meta.to].map(at => Date.parse(at) / 1000);
  const change = ({Timestamp, SpotPrice}) => [Math.max(from, Date.parse(Timestamp) / 1000), Number(SpotPrice)];
  const points = pools.map(pool => pool.Points.map(change));
  const times = [...new Set([...points.flat().map(([at]) => at), to])].sort((one, other) => one - other);
  const lines = points.map(changes => {
    let next = 0;
    let price = null;
    return times.map(at => {
      while (next < changes.length && changes[next][0] <= at) price = changes[next++][1];
      return price;
    });
  });
  return [times, ...lines];
}

function lineName(pool, pools) {
  const isOneType = pools.every(other => other.InstanceType === pool.InstanceType);
  return isOneType ? pool.AvailabilityZone : `${pool.InstanceType} ${pool.AvailabilityZone}`;
}

/** Formats a tick of the time axis: the day at midnight, and otherwise the time. */
function axisTime(seconds, step) {
  const date = new Date(seconds * 1000);
  return step >= DAY / 1000 || date.getHours() + date.getMinutes() === 0 ? date.toLocaleDateString([], {month: 'short',
      day: 'numeric'}) : time(date).split(', ').at(-1);
}

const LINE_COLORS = 8;

/** Returns the options of the chart. Its colors come from the style sheet, because a canvas has no custom properties. */
function chartOptions(box, pools, onCursor) {
  const color = name => {
    box.style.color = `var(--${name})`;
    const found = getComputedStyle(box).color;
    box.style.color = '';
    return found;
  };
  const lines = {stroke: color('line'), width: 1};
  const axis = {stroke: color('muted'), grid: lines, ticks: lines, font: `12px ${getComputedStyle(box).fontFamily}`};
  const margin = (least, most) => (most - least) * 0.1 || most * 0.1;
  return {
    width: box.clientWidth,
    height: box.clientWidth < 500 ? 260 : 340,
    scales: {y: {range: (_, least, most) => [Math.max(0, least - margin(least, most)), most + margin(least, most)]}},
    axes: [
      {...axis, values: (_, ticks, i, space, step) => ticks.map(tick => axisTime(tick, step))},
      {...axis, size: 64, values: (_, ticks) => ticks.map(tick => `$${tick.toFixed(4)}`)},
    ],
    legend: {show: false},
    cursor: {points: {size: 6}},
    hooks: {setCursor: [onCursor]},
    series: [{}, ...pools.map((pool, i) => ({
      label: lineName(pool, pools),
      stroke: color(`line-${i % LINE_COLORS + 1}`),
      width: 2,
      dash: i >= LINE_COLORS ? [6, 4] : [],
      paths: uPlot.paths.stepped({align: 1}),
      points: {show: false},
    }))],
  };
}

const LineKey = ({i}) => html`<svg class="line-key" viewBox="0 0 16 4" aria-hidden="true">
  <path class=${`stroke-${i % LINE_COLORS + 1}${i >= LINE_COLORS ? ' dashed' : ''}`} d="M0 2H16" /></svg>`;

/** The prices at the pointer, the lowest first, next to it. */
function Tip({tip, pools}) {
  if (!tip) return null;
  const prices = pools.map((pool, i) => ({i, name: lineName(pool, pools), price: tip.prices[i]}))
      .filter(({price}) => price != null)
      .sort((one, other) => one.price - other.price);
  return html`<div class="tip" aria-hidden="true" style=${tip.place}><p class="note">${time(tip.at)}</p>
    ${prices.map(({i, name, price}) => html`<p key=${i}><${LineKey} i=${i} /><span>${name}</span><strong>${perHour(price)}</strong></p>`)}</div>`;
}

function Chart({pools, meta}) {
  const ref = useRef();
  const [tip, setTip] = useState(null);
  useEffect(() => {
    const box = ref.current;
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    let plot;
    const point = ({cursor: {idx, left}, data, bbox}) => {
      if (idx == null || left < 0) return setTip(null);
      const x = left + bbox.left / devicePixelRatio;
      const place = x < box.clientWidth / 2 ? {left: `${x + 14}px`} : {right: `${box.clientWidth - x + 14}px`};
      setTip({at: data[0][idx] * 1000, prices: data.slice(1).map(line => line[idx]), place});
    };
    const draw = () => {
      plot?.destroy();
      plot = new uPlot(chartOptions(box, pools, point), aligned(pools, meta), box);
    };
    draw();
    const observer = new ResizeObserver(() => {
      if (plot.width !== box.clientWidth) plot.setSize({width: box.clientWidth, height: plot.height});
    });
    observer.observe(box);
    scheme.addEventListener('change', draw);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', draw);
      plot.destroy();
    };
  }, [pools]);
  return html`<figure class="panel chart-panel"><div class="chart" ref=${ref} role="img"
      aria-label="Spot prices over time, one line for each zone. The table below has the numbers."></div>
    <${Tip} tip=${tip} pools=${pools} /></figure>`;
}

const historyColumns = pools => [
  {key: 'name', head: 'Zone', title: true, sort: row => lineName(row, pools), cell: row => html`<span class="key"><${LineKey} i=${pools.indexOf(row)} />${lineName(row, pools)}</span>`},
  {key: 'now', head: 'Now', number: true, sort: row => Number(row.Points.at(-1)?.SpotPrice), cell: row => html`<strong>
      ${perHour(row.Points.at(-1)?.SpotPrice)}</strong>`},
  {key: 'least', head: 'Least', number: true, sort: row => Number(row.Minimum), cell: row => perHour(row.Minimum)},
  {key: 'mean', head: 'Mean', number: true, sort: row => Number(row.Mean), cell: row => perHour(row.Mean)},
  {key: 'most', head: 'Most', number: true, sort: row => Number(row.Maximum), cell: row => perHour(row.Maximum)},
  {key: 'changes', head: 'Changes', number: true, sort: row => row.Changes, cell: row => row.Changes},
];

const historyQuery = () => state.forms.history ??= {types: runningOf(state.instances)[0]?.InstanceType ?? '', regions: 'all',
    products: PRODUCTS[0], last: '7d'};

const historyNote = ({pools, meta, query}) => `${words(query.types).join(', ')}: ${count(pools.length, 'pool')},
    ${time(meta.from)} to ${time(meta.to)}. ${failures(meta)}`;

function HistoryView({prefill}) {
  const [query, setQuery] = useState(() => prefill?.types ? {...historyQuery(), types: prefill.types,
      regions: regionsOf().length === 1 ? 'all' : prefill.region, products: PRODUCTS.includes(prefill.product)
      ? prefill.product : PRODUCTS[0]} : historyQuery());
  const [types, setTypes] = useState(query.types);
  const [answer, setAnswer] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(words(query.types).length > 0);
  const latest = useRef(0);
  const load = async next => {
    state.forms.history = next;
    setQuery(next);
    const mine = ++latest.current;
    if (!words(next.types).length) return setBusy(false);
    setBusy(true);
    setProblem(null);
    try {
      const {data, meta} = await ask({task: 'history', types: words(next.types), regions: next.regions,
          products: next.products, last: next.last});
      if (mine === latest.current) setAnswer({pools: data.toSorted((one, other) => Number(one.Mean) - Number(other.Mean)), meta, query: next});
    } catch (problem) {
      if (mine === latest.current) setProblem(problem);
    }
    if (mine === latest.current) setBusy(false);
  };
  useEffect(() => {
    update({prefill: null});
    loadKnownTypes();
    load(query);
  }, []);
  const submit = event => {
    event.preventDefault();
    load({...query, types: event.target.elements.types.value});
  };
  return html`<${Page} title="History"
      note=${answer ? historyNote(answer) : 'What a type cost in each zone. EC2 remembers 90 days.'}>
    <form class="filters" onSubmit=${submit}>
      <${Field} label="Type" class="grow"><input name="types" list="known-types" value=${types} onInput=${event => setTypes(event.target.value)}
          placeholder="m7g.large" required autocapitalize="off" autocomplete="off" spellcheck="false"
          onChange=${event => load({...query, types: event.target.value})} /></${Field}>
      <${Field} label="Region"><${Select} name="regions" value=${query.regions} options=${regionOptions()}
          onChange=${regions => load({...query, types, regions})} /></${Field}>
      <${Field} label="System"><${Select} name="products" value=${query.products}
          options=${PRODUCTS.map(product => [product, product])} onChange=${products => load({...query, types, products})} /></${Field}>
      <${Choice} label="Over the last" name="last" value=${query.last} options=${RANGES}
          onChange=${last => load({...query, types, last})} />
      <button type="submit" class="outline secondary" aria-busy=${busy ? 'true' : undefined}>Show</button>
    </form>
    <${KnownTypes} />
    <${Problem} problem=${problem} retry=${() => load(query)} />
    ${answer ? answer.pools.length ? html`<div aria-busy=${busy ? 'true' : undefined} class="stale"><${Chart}
          pools=${answer.pools} meta=${answer.meta} /><${Table} caption="Prices by zone" columns=${historyColumns(answer.pools)} rows=${answer.pools}
          rowKey=${row => poolKey(row)} /></div>`
      : html`<${Empty} title="No prices" text="EC2 has no spot prices of this type there. Choose another region or type." />`
      : busy ? html`<${Skeleton} rows=${6} />` : !problem && html`<${Empty} title="Which type?"
          text="Enter an instance type above, or choose one in the list of prices."><div class="actions">
          ${may('price') && html`<a role="button" class="outline" href="#prices">Compare prices</a>`}</div></${Empty}>`}
  </${Page}>`;
}
