// Prices: the cheapest pools, with savings, their last day as a sparkline, and a way to launch one.

const PRODUCTS = ['Linux/UNIX', 'Red Hat Enterprise Linux', 'SUSE Linux', 'Windows'];
/** The most rows for which the service adds on-demand prices if no types are named. */
const PRICED_ROWS = 20;
const MOST_ROWS = 500;

const MEMORY = [['', 'Any'], ...['4', '8', '16', '32', '64', '128', '256'].map(size => [`${size}-`, `${size} GiB or more`])];
const anyOf = (word, values) => [['', word], ...values.map(value => [value, value])];

const priceFilters = () => state.forms.prices ??= {regions: 'all', vcpu: '', memoryGiB: '', architecture: '', types: '',
    products: PRODUCTS[0]};
let latestPrices = 0;

async function loadPrices(limit = PRICED_ROWS) {
  const {types, ...rest} = priceFilters();
  const body = {task: 'price', sort: 'price', limit, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value))};
  const named = words(types);
  if (named.length) {
    body.types = named;
  }
  if (limit <= PRICED_ROWS || named.length && named.length <= PRICED_ROWS) body.with = ['onDemand'];
  const mine = ++latestPrices;
  const {signal} = asking;
  update({prices: {...state.prices, busy: true, problem: null}});
  try {
    const {data, meta} = await ask(body);
    if (mine !== latestPrices) return;
    // A longer list comes without on-demand prices; some are known from the shorter one.
    const product = row => `${row.Region} ${row.InstanceType} ${row.ProductDescription}`;
    const priced = [...state.prices?.rows ?? [], ...data].filter(row => row.OnDemandPrice);
    const onDemand = new Map(priced.map(row => [product(row), row.OnDemandPrice]));
    const rows = data.map(row => {
      const regular = row.OnDemandPrice ?? onDemand.get(product(row)) ?? null;
      return {...row, OnDemandPrice: regular, SavingPercent: row.SavingPercent ?? (regular
          ? 100 * (1 - row.SpotPrice / regular) : null)};
    });
    update({prices: {rows, meta, limit, busy: false, trends: new Map(), problem: null},
        knownTypes: [...new Set([...state.knownTypes, ...rows.map(row => row.InstanceType)])].slice(0, 300)});
    if (isUnlocked('history')) loadTrends(rows.slice(0, 60), mine);
  } catch (problem) {
    if (!signal.aborted && mine === latestPrices) update({prices: {...state.prices, busy: false, problem}});
  }
}

/** Gets the last day of all visible pools in one request. */
async function loadTrends(rows, mine) {
  if (!rows.length) return;
  const each = field => [...new Set(rows.map(row => row[field]))];
  try {
    const {data, meta} = await ask({task: 'history', last: '1d', types: each('InstanceType').slice(0, 100),
        regions: each('Region'), zones: each('AvailabilityZone'), products: each('ProductDescription')}, {quiet: true});
    if (mine !== latestPrices) return;
    const trends = new Map(data.map(pool => [poolKey(pool), pool.Points]));
    update({prices: {...state.prices, trends, from: Date.parse(meta.from), to: Date.parse(meta.to)}});
  } catch {
    // The prices are complete without the trends.
  }
}

const poolKey = row => `${row.InstanceType} ${row.AvailabilityZone} ${row.ProductDescription}`;

const Saving = ({percent}) => percent == null ? html`<span class="note">–</span>` : html`<span class="saving">
    ${Math.round(percent)} %</span>`;

const priceColumns = ({trends, from, to}) => [
  {key: 'name', head: 'Type', title: true, sort: row => row.InstanceType, cell: row => html`<strong>${row.InstanceType}
      </strong>${row.ProductDescription === PRODUCTS[0] ? '' : html`<span class="note">${row.ProductDescription}</span>`}`},
  {key: 'zone', head: 'Zone', sort: row => row.AvailabilityZone, cell: row => row.AvailabilityZone},
  {key: 'price', head: 'Per hour', number: true, sort: row => Number(row.SpotPrice), cell: row => html`<strong>
      ${perHour(row.SpotPrice)}</strong>`},
  {key: 'regular', head: 'On-demand', number: true, sort: row => row.OnDemandPrice == null ? null
      : Number(row.OnDemandPrice), cell: row => perHour(row.OnDemandPrice)},
  {key: 'saving', head: 'Saving', number: true, sort: row => row.SavingPercent, cell: row => html`<${Saving}
      percent=${row.SavingPercent} />`},
  ...may('history') ? [{key: 'trend', head: '24 hours', cell: row => html`<button type="button" class="link trend"
      aria-label=${`History of ${row.InstanceType} in ${row.AvailabilityZone}`} onClick=${() => openHistory(row)}>
      <${Sparkline} points=${trends?.get(poolKey(row))} from=${from} to=${to} /></button>`}] : [],
  ...may('launch') ? [{key: 'actions', head: '', title: true, cell: row => html`<button type="button" class="small outline"
      aria-label=${`Launch ${row.InstanceType} in ${row.AvailabilityZone}`}
      onClick=${() => openLaunch(row)}>Launch</button>`}] : [],
];

function openLaunch(row) {
  update({prefill: {types: row.InstanceType, region: row.Region, zone: row.AvailabilityZone}});
  goTo('launch');
}

function openHistory(row) {
  update({prefill: {types: row.InstanceType, region: row.Region, product: row.ProductDescription}});
  goTo('history');
}

function PricesView({prices}) {
  const [filter, setFilter] = useState('');
  const [types, setTypes] = useState(priceFilters().types);
  useEffect(() => { if (!state.prices) loadPrices(); }, []);
  const set = changes => {
    state.forms.prices = {...priceFilters(), ...changes};
    loadPrices();
  };
  // Types and needs exclude each other.
  const need = changes => {
    setTypes('');
    set({...changes, types: ''});
  };
  const name = types => set({types, vcpu: '', memoryGiB: '', architecture: ''});
  const filters = priceFilters();
  const rows = (prices?.rows ?? []).filter(row => matches(poolKey(row), filter));
  const matched = prices?.meta?.matched;
  const best = rows.length ? rows.reduce((one, other) => Number(one.SpotPrice) <= Number(other.SpotPrice) ? one : other) : null;
  const note = prices?.rows && html`${best && html`Cheapest: <strong>${best.InstanceType}</strong> in ${best.AvailabilityZone} for
      ${' '}${perHour(best.SpotPrice)}. `}${matched > prices.rows.length ? `The cheapest ${prices.rows.length} of ${matched} pools`
      : count(prices.rows.length, 'pool')}, as of ${time(prices.meta.at)}. ${failures(prices.meta)}`;
  return html`<${Page} title="Prices" note=${note}>
    <form class="filters" onSubmit=${event => { event.preventDefault(); name(types); }}>
      <${Field} label="Region"><${Select} name="regions" value=${filters.regions} options=${regionOptions()}
          onChange=${regions => set({regions})} /></${Field}>
      <${Field} label="vCPU"><${Select} name="vcpu" value=${filters.vcpu}
          options=${anyOf('Any', ['1', '2', '4', '8', '16', '32', '48', '64', '96', '128'])} onChange=${vcpu => need({vcpu})}
          /></${Field}>
      <${Field} label="Memory"><${Select} name="memoryGiB" value=${filters.memoryGiB}
          options=${MEMORY} onChange=${memoryGiB => need({memoryGiB})} /></${Field}>
      <${Field} label="Processor"><${Select} name="architecture" value=${filters.architecture}
          options=${anyOf('Any', ['arm64', 'x86_64'])} onChange=${architecture => need({architecture})} /></${Field}>
      <${Field} label="System"><${Select} name="products" value=${filters.products}
          options=${[...PRODUCTS, 'all'].map(product => [product, product === 'all' ? 'All' : product])}
          onChange=${products => set({products})} /></${Field}>
      <${Field} label="Types" class="grow"><input name="types" list="known-types" value=${types}
          placeholder="m7g.large c7g.large" autocapitalize="off" autocomplete="off" spellcheck="false"
          onInput=${event => setTypes(event.target.value)}
          onChange=${event => event.target.value !== filters.types && name(event.target.value)} /></${Field}>
      <${Field} label="Find in list"><input type="search" name="filter" value=${filter} placeholder="us-west-2a"
          onInput=${event => setFilter(event.target.value)} /></${Field}>
      <button type="submit" class="sr">Show prices</button>
    </form>
    <${KnownTypes} />
    <${Problem} problem=${prices?.problem} retry=${() => loadPrices()} />
    ${!prices?.rows ? !prices?.problem && html`<${Skeleton} rows=${8} />` : rows.length === 0 ? html`<${Empty}
        title="No pool matches" text="Choose another region, or fewer conditions." />` : html`
    <div aria-busy=${prices.busy ? 'true' : undefined} class="stale"><${Table} caption="Spot prices"
        columns=${priceColumns(prices)} rows=${rows} rowKey=${row => poolKey(row)} sort=${{key: 'price', descending: false}}
        /></div>
    ${matched > prices.rows.length && prices.limit < MOST_ROWS && html`<p class="more"><${ActionButton}
        class="outline secondary" run=${() => loadPrices(MOST_ROWS)}>Show up to ${MOST_ROWS}</${ActionButton}></p>`}`}
  </${Page}>`;
}

/** Gets types to suggest where no prices were shown yet. */
async function loadKnownTypes() {
  if (state.knownTypes.length || !isUnlocked('price')) return;
  const {data} = await ask({task: 'price', regions: regionsOf().slice(0, 1), sort: 'price', limit: 2000},
      {quiet: true}).catch(() => ({data: []}));
  if (!state.knownTypes.length) update({knownTypes: [...new Set(data.map(row => row.InstanceType))].slice(0, 300)});
}

const KnownTypes = () => html`<datalist id="known-types">${state.knownTypes.map(type => html`<option key=${type} value=${type}
    />`)}</datalist>`;
