// The frame: sign-in, navigation by the address's hash, and the start.

const VIEWS = [
  {name: 'overview', title: 'Overview', task: 'instances', view: OverviewView},
  {name: 'instances', title: 'Instances', task: 'instances', view: InstancesView},
  {name: 'prices', title: 'Prices', task: 'price', view: PricesView},
  {name: 'history', title: 'History', task: 'history', view: HistoryView},
  {name: 'launch', title: 'Launch', task: 'launch', view: LaunchView},
  {name: 'activity', title: 'Activity', task: 'status', view: ActivityView},
];

/** Returns the views whose task the token covers. */
const availableViews = () => state.status ? VIEWS.filter(({task}) => task === 'status' || may(task)) : [];

const currentView = () => location.hash.slice(1) || 'overview';

const goTo = name => { location.hash = `#${name}`; };

const Brand = () => html`<span class="brand"><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10" />
  <path d="M7 14l3.500-5 3 3.500L17 8" /></svg>Spot</span>`;

function SignIn({problem}) {
  const field = useRef();
  useEffect(() => field.current.focus(), [problem]);
  return html`<main class="sign-in"><article>
    <${Brand} /><h1>Sign in</h1>
    <p>Paste a token to see and use your spot instances. A link from <code>spot mint --url</code> brings it along.</p>
    <${Problem} problem=${problem} />
    <form onSubmit=${event => { event.preventDefault(); signIn(event.target.elements.token.value); }}>
      <${Field} label="Token" hint="It stays in this tab's memory and is forgotten when you close the tab.">
        <input ref=${field} name="token" type="password" autocomplete="off" spellcheck="false" required /></${Field}>
      <button type="submit">Sign in</button></form>
  </article></main>`;
}

function App({signedIn, problem, status, toasts, dialog, prompt, ...shared}) {
  if (!signedIn) return html`<${SignIn} problem=${problem} />`;
  const views = availableViews();
  const current = views.find(({name}) => name === currentView()) ?? views[0];
  document.title = current ? `${current.title} – Spot` : 'Spot';
  return html`<a class="skip" href="#title"
      onClick=${event => { event.preventDefault(); document.getElementById('title')?.focus(); }}>Skip to the content</a>
    <header class="top"><div>
      <${Brand} />
      <nav aria-label="Views"><ul>${views.map(({name, title}) => html`<li key=${name}><a href=${`#${name}`} data-view=${name}
          aria-current=${name === current?.name ? 'page' : undefined}><${Icon} name=${name} /><span>${title}</span></a>
          </li>`)}</ul></nav>
      <span class="who"><span class="note">
          ${status ? html`${status.meta.service}${status.meta.tokenExpires ? `, until ${time(status.meta.tokenExpires)}` : ''}` : ''}</span>
      <button type="button" class="plain" aria-label="Sign out" title="Sign out" onClick=${() => signOut()}><${Icon}
          name="out" /></button></span>
    </div></header>
    <main>${current ? html`<${current.view} key=${current.name} status=${status} ...${shared} />` : html`<${Skeleton}
        rows=${6} />`}</main>
    ${prompt && html`<${CodeDialog} ...${prompt} />`}<${Dialogs} dialog=${dialog} now=${shared.now} /><${Toasts} toasts=${toasts} />`;
}

function showView() {
  update({});
  queueMicrotask(() => {
    if (!state.dialog && !state.prompt) document.getElementById('title')?.focus({preventScroll: true});
  });
  scrollTo(0, 0);
}

addEventListener('hashchange', () => takeTokenFromAddress() || showView());
setInterval(() => {
  const counts = state.dialog || ['overview', 'instances', 'activity'].includes(currentView());
  if (!document.hidden && state.signedIn && counts) update({now: serviceNow()});
}, 1_000);
// Only where somebody looks, because each request runs the function: each minute, and more often while a state changes.
setInterval(() => {
  if (document.hidden || !state.instances || state.dialog || state.prompt || state.refreshing
      || !['overview', 'instances'].includes(currentView())) return;
  const changes = state.instances.rows.some(({State: name}) => ['pending', 'stopping', 'shutting-down'].includes(name));
  if (performance.now() - state.refreshed > (changes ? 10_000 : MINUTE)) loadInstances();
}, 5_000);
update({});
takeTokenFromAddress();
