// History: one chart with a line for each zone, and the same as a table.

const RANGES = [['1d', 'Day'], ['7d', 'Week'], ['30d', '30 days'], ['90d', '90 days']];

/** Returns the lines on one time axis: each keeps its price until the next change. */
function aligned(pools, meta) {
  const [from, to] = [meta.from, meta.to].map(at => Date.parse(at) / 1000);
  const points = pools.map(pool => pool.Points.map(point => [Math.max(from, Date.parse(point.Timestamp) / 1000), Number(point.SpotPrice)]));
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

const lineName = (pool, pools) => pools.every(other => other.InstanceType === pool.InstanceType) ? pool.AvailabilityZone : `${pool.InstanceType} ${pool.AvailabilityZone}`;

/** Formats a tick of the time axis: the day at midnight, and otherwise the time. */
function axisTime(seconds, step) {
  const date = new Date(seconds * 1000);
  return step >= DAY / 1000 || date.getHours() + date.getMinutes() === 0 ? date.toLocaleDateString([], {month: 'short', day: 'numeric'}) : time(date).split(', ').at(-1);
}

const LINE_COLORS = 8;

/** Draws the chart. Its colors come from the style sheet, because a canvas has no custom properties. */
function Chart({pools, meta}) {
  const ref = useRef();
  useEffect(() => {
    const box = ref.current;
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    let plot;
    const draw = () => {
      plot?.destroy();
      const style = getComputedStyle(box);
      const color = name => { box.style.color = `var(--${name})`; const found = getComputedStyle(box).color; box.style.color = ''; return found; };
      const axis = {stroke: color('muted'), grid: {stroke: color('line'), width: 1}, ticks: {stroke: color('line'), width: 1}, font: `12px ${style.fontFamily}`};
      plot = new uPlot({
        width: box.clientWidth, height: box.clientWidth < 500 ? 260 : 340,
        scales: {y: {range: (_, least, most) => [Math.max(0, least - (most - least) * .1 || least * .9), most + (most - least) * .1 || most * 1.1]}},
        axes: [{...axis, values: (_, ticks, i, space, step) => ticks.map(tick => axisTime(tick, step))}, {...axis, size: 64, values: (_, ticks) => ticks.map(tick => `$${tick.toFixed(4)}`)}],
        legend: {show: false},
        cursor: {points: {size: 6}},
        hooks: {setCursor: [({cursor: {idx}, data}) => show(idx, data)]},
        series: [{}, ...pools.map((pool, i) => ({label: lineName(pool, pools), stroke: color(`line-${i % LINE_COLORS + 1}`), width: 2, dash: i >= LINE_COLORS ? [6, 4] : [], paths: uPlot.paths.stepped({align: 1}), points: {show: false}}))],
      }, aligned(pools, meta), box);
    };
    const show = (idx, data) => {
      const text = idx == null ? '' : `${time(data[0][idx] * 1000)}: ${pools.map((pool, i) => [lineName(pool, pools), data[i + 1][idx]]).filter(([, price]) => price != null).map(([name, price]) => `${name} ${perHour(price)}`).join(' · ')}`;
      box.nextElementSibling.textContent = text || 'Point at the chart to read prices.';
    };
    draw();
    const observer = new ResizeObserver(() => plot.width !== box.clientWidth && plot.setSize({width: box.clientWidth, height: plot.height}));
    observer.observe(box);
    scheme.addEventListener('change', draw);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', draw);
      plot.destroy();
    };
  }, [pools]);
  return html`<figure class="panel chart-panel"><div class="chart" ref=${ref} role="img" aria-label="Spot prices over time, one line for each zone. The table below has the numbers."></div>
    <figcaption class="note" aria-hidden="true">Point at the chart to read prices.</figcaption></figure>`;
}

const historyColumns = pools => [
  {key: 'name', head: 'Zone', title: true, sort: row => lineName(row, pools), cell: row => html`<span class="key"><svg viewBox="0 0 16 4" aria-hidden="true"><path class=${`stroke-${pools.indexOf(row) % LINE_COLORS + 1}${pools.indexOf(row) >= LINE_COLORS ? ' dashed' : ''}`} d="M0 2H16" /></svg>${lineName(row, pools)}</span>`},
  {key: 'now', head: 'Now', number: true, sort: row => Number(row.Points.at(-1)?.SpotPrice), cell: row => html`<strong>${perHour(row.Points.at(-1)?.SpotPrice)}</strong>`},
  {key: 'least', head: 'Least', number: true, sort: row => Number(row.Minimum), cell: row => perHour(row.Minimum)},
  {key: 'mean', head: 'Mean', number: true, sort: row => Number(row.Mean), cell: row => perHour(row.Mean)},
  {key: 'most', head: 'Most', number: true, sort: row => Number(row.Maximum), cell: row => perHour(row.Maximum)},
  {key: 'changes', head: 'Changes', number: true, sort: row => row.Changes, cell: row => row.Changes},
];

const historyQuery = () => state.forms.history ??= {types: runningOf(state.instances)[0]?.InstanceType ?? '', regions: 'all', products: PRODUCTS[0], last: '7d'};

function HistoryView({prefill}) {
  const [query, setQuery] = useState(() => prefill?.types ? {...historyQuery(), types: prefill.types, regions: regionsOf().length === 1 ? 'all' : prefill.region, products: PRODUCTS.includes(prefill.product) ? prefill.product : PRODUCTS[0]} : historyQuery());
  const [answer, setAnswer] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(words(query.types).length > 0);
  const latest = useRef(0);
  const load = async next => {
    state.forms.history = next;
    setQuery(next);
    if (!words(next.types).length) return;
    const mine = ++latest.current;
    setBusy(true);
    setProblem(null);
    try {
      const {data, meta} = await ask({task: 'history', types: words(next.types), regions: next.regions, products: next.products, last: next.last});
      if (mine === latest.current) setAnswer({pools: data.toSorted((one, other) => Number(one.Mean) - Number(other.Mean)), meta});
    } catch (problem) {
      if (mine === latest.current && !(problem instanceof Canceled)) setProblem(problem);
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
  return html`<${Page} title="History" note=${answer ? `${words(query.types).join(', ')}: ${count(answer.pools.length, 'pool')}, ${time(answer.meta.from)} to ${time(answer.meta.to)}. ${failures(answer.meta)}` : 'What a type cost in each zone. EC2 remembers 90 days.'}>
    <form class="filters" onSubmit=${submit}>
      <${Field} label="Type" class="grow"><input name="types" list="known-types" value=${query.types} placeholder="m7g.large" required autocapitalize="off" autocomplete="off" spellcheck="false" onChange=${event => load({...query, types: event.target.value})} /></${Field}>
      <${Field} label="Region"><${Select} name="regions" value=${query.regions} options=${regionOptions()} onChange=${regions => load({...query, regions})} /></${Field}>
      <${Field} label="System"><${Select} name="products" value=${query.products} options=${PRODUCTS.map(product => [product, product])} onChange=${products => load({...query, products})} /></${Field}>
      <${Choice} label="Over the last" name="last" value=${query.last} options=${RANGES} onChange=${last => load({...query, last})} />
      <button type="submit" class="outline secondary" aria-busy=${busy ? 'true' : undefined}>Show</button>
    </form>
    <${KnownTypes} />
    <${Problem} problem=${problem} retry=${() => load(query)} />
    ${answer ? answer.pools.length ? html`<${Chart} pools=${answer.pools} meta=${answer.meta} />
      <${Table} caption="Prices by zone" columns=${historyColumns(answer.pools)} rows=${answer.pools} rowKey=${row => poolKey(row)} />`
      : html`<${Empty} title="No prices" text="EC2 has no spot prices of this type there. Choose another region or type." />`
      : busy ? html`<${Skeleton} rows=${6} />` : !problem && html`<${Empty} title="Which type?" text="Enter an instance type above, or choose one in the list of prices."><div class="actions">${may('price') && html`<a role="button" class="outline" href="#prices">Compare prices</a>`}</div></${Empty}>`}
  </${Page}>`;
}
