// What a benchmark says: the table, the targets, and the page in docs.
const SCENARIOS = { cold: 'from nothing', noop: 'nothing changed', edit: 'one file edited' };

/** `{ name, text, value, limit, met }` for each promise. */
export function targetsOf({ results, nodeStart, memory, views }) {
  return [...(results ? speedTargets(results, nodeStart) : []), ...(memory ? memoryTargets(memory) : []), ...(views ? viewTargets(views) : [])];
}

function speedTargets(results, nodeStart) {
  const median = (peer, scenario) => results[peer]?.[scenario]?.median;
  const best = (scenario) => median('best-practice', scenario);
  return [
    target("One file edited, in the editor's host, against the best-practice build", median('pypackage-host', 'edit') / best('edit'), 0.6, 'ratio'),
    target('One file edited, from the command line, against the best-practice build', median('pypackage', 'edit') / best('edit'), 0.6, 'ratio'),
    target("Nothing changed, in the editor's host, against docker's build", median('pypackage-host', 'noop') / best('noop'), 0.3, 'ratio'),
    target("Nothing changed, from the command line, beyond node's own start", median('pypackage', 'noop') - nodeStart.median, 200, 'ms'),
  ];
}

function memoryTargets({ host, cli }) {
  return [
    target("100 MB of log, in the editor's host: memory", megabytes(host.log), 40, 'MB'),
    target('100 MB of log, from the command line: memory', megabytes(cli.log), 40, 'MB'),
    target("300 MB of context, in the editor's host: memory", megabytes(host.context), 60, 'MB'),
    target('300 MB of context, from the command line: memory', megabytes(cli.context), 60, 'MB'),
    target("100 MB of log: delay of the host's event loop, 99th percentile", host.delay.p99, 50, 'ms'),
  ];
}

function viewTargets({ few, many, burst, peer }) {
  const third = (name, what) =>
    peer ? [target(`${what}, much on the engine, against the peer`, many[name].median / peer.many[name].median, 1 / 3, 'ratio')] : [];
  return [
    target('Click to the first row, little on the engine', few.firstRow.median, 300, 'ms'),
    target("The engine's event to the image's row, little on the engine", few.imageRow.median, 200, 'ms'),
    target("The engine's event to the container's row, little on the engine", few.containerRow.median, 200, 'ms'),
    ...third('firstRow', 'Click to the first row'),
    ...third('imageRow', "The engine's event to the image's row"),
    target(`${burst.events} events: delay of the host's event loop, 99th percentile`, burst.p99, 50, 'ms'),
    target(`${burst.events} events: rows lost or doubled`, burst.lost + burst.doubled + burst.left, 0, 'rows'),
  ];
}

function megabytes(bytes) {
  return Math.max(0, bytes / 1_000_000);
}

function target(name, value, limit, unit) {
  return { name, value: Math.round(value * 100) / 100, limit, unit, met: value <= limit };
}

export function table({ peers, results }) {
  const rows = peers.map(({ name, title }) => [title, ...Object.keys(SCENARIOS).map((scenario) => cell(results[name]?.[scenario]))]);
  return columns(['median ms (lowest to highest)', ...Object.values(SCENARIOS)], rows);
}

export function memoryTable({ memory: { host, cli } }) {
  const mb = (bytes) => `${number(megabytes(bytes))} MB`;
  return columns(
    ['more memory for', '100 MB of log', '300 MB of context'],
    [
      ["the editor's host", mb(host.log), mb(host.context)],
      ['the command line', mb(cli.log), mb(cli.context)],
    ],
  );
}

export function editorTable({ editor: { alone, ours, peer, peerName } }) {
  const ms = (summary) => (summary ? `${number(summary.median)} ms (${number(summary.min)} to ${number(summary.max)})` : '');
  const mb = (summary) =>
    summary ? `${number(summary.median / 1_000_000)} MB (${number(summary.min / 1_000_000)} to ${number(summary.max / 1_000_000)})` : '';
  const head = ["median (lowest to highest), in the editor's extension host", 'without', 'PyPackage', ...(peer ? [peerName] : [])];
  const row = (title, name, words) => [title, words(alone[name]), words(ours[name]), ...(peer ? [words(peer[name])] : [])];
  return columns(head, [
    row('activation: loading and activating', 'activation', ms),
    row('memory once the window is at rest', 'memory', mb),
    row('memory after the first build', 'memoryAfterBuild', mb),
    row('click to the first line in the channel', 'firstLine', ms),
    row('cancel to no container of the run', 'cancelled', ms),
  ]);
}

export function viewsTable({ views: { few, many, peer, peerName } }) {
  const ms = (summary) => (summary ? `${number(summary.median)} ms, ${number(summary.p90)} ms` : '');
  const head = ['half of the tries within, nine of ten within', 'little', 'much', ...(peer ? [`${peerName}, little`, `${peerName}, much`] : [])];
  const row = (title, name) => [title, ms(few[name]), ms(many[name]), ...(peer ? [ms(peer.few[name]), ms(peer.many[name])] : [])];
  return columns(head, [
    row('click to the first row', 'firstRow'),
    row("the engine's event to the image's row", 'imageRow'),
    row("the engine's event to the container's row", 'containerRow'),
  ]);
}

const VIEWS_HEAD = '## The views of the side bar';

/** The page with their part in its place: before "What is measured", and instead of an older one. */
export function withViews(page, document) {
  const { date, views, environment } = document;
  const { events, ms, p99, max, lost, doubled } = views.burst;
  const part = `${VIEWS_HEAD}

${viewsTable(document)}

${views.tries} tries in a real VS Code (code-server in Chromium). **Little**: one container and one image of the workspace; **much**: 1,000 and 500. **Click**: from the press of the mouse on the activity bar, in a window
that was loaded again, to the first row of something that only the engine knows. **Event**: from the engine's own time of it to the row. A burst of ${events.toLocaleString('en')} events within ${number(ms / 1000)} s: delay of the extension host's event
loop ${p99} ms at the 99th percentile and ${max} ms at most, rows lost ${lost}, doubled ${doubled}.

${date.slice(0, 10)} · ${environment.cpus} cores (${environment.cpu}), load ${environment.load} · ${environment.engine}
`;
  return without(page, VIEWS_HEAD).replace(/\n## What is measured/, `\n${part}\n## What is measured`);
}

const without = (page, head) => page.replace(new RegExp(`${head}\\n[^]*?(?=\\n## )\\n`), '');

const EDITOR_HEAD = '## In the editor';

/** The page with the editor's part in its place: before "What is measured", and instead of an older one. */
export function withEditor(page, document) {
  const { date, editor, environment } = document;
  const part = `${EDITOR_HEAD}

${editorTable(document)}

A fresh window of a real VS Code (code-server in Chromium) on \`examples/greet\` (rounds: ${editor.rounds}). **Activation** is what VS Code's own list of running extensions says. **Memory** is the
resident set of the extension host, which also holds VS Code's own extensions: the first column is a host without PyPackage. **Click to the first line**: from the click on the status bar until the channel's
file has a byte; the core's thread starts within that time. **Cancel**: from the keys until the engine has no container of the project, while a build backend sleeps.${editor.peer ? ' Of the peer only what needs no work of its own is compared.' : ' With `--peer FILE` another extension stands beside it.'}

${date.slice(0, 10)} · ${environment.cpus} cores (${environment.cpu}), load ${environment.load} · ${environment.engine}
`;
  return without(page, EDITOR_HEAD).replace(/\n## What is measured/, `\n${part}\n## What is measured`);
}

function columns(head, rows) {
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at].length)));
  const line = (row) => `| ${row.map((text, at) => (at === 0 ? text.padEnd(widths[at]) : text.padStart(widths[at]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

function cell(summary) {
  if (!summary) return '';
  return `${number(summary.median)} (${number(summary.min)} to ${number(summary.max)})`;
}

function number(ms) {
  return Math.round(ms).toLocaleString('en');
}

export function targetLines(targets) {
  return targets.map(({ name, value, limit, unit, met }) => `${met ? 'met   ' : 'MISSED'}  ${name}: ${amount(value, unit)}, at most ${amount(limit, unit)}`);
}

function amount(value, unit) {
  return unit === 'ratio' ? String(value) : `${Math.round(value)} ${unit}`;
}

export function markdown(document) {
  const { date, environment, rounds, targets, nodeStart } = document;
  return `# Benchmarks

Made by \`npm run bench\`, which runs it on your machine too. The application is the sample in \`examples/polls\` with 40 more modules (Django, gunicorn, WhiteNoise, and psycopg,
which is compiled). All peers use the same engine, the same base image and the same versions of the dependencies, and take turns. Times are milliseconds of wall clock: median, with the
lowest and the highest.

${table(document)}

${memoryTable(document)}

${targets.map(({ name, value, limit, unit, met }) => `- ${name}: **${amount(value, unit)}** (promised: at most ${amount(limit, unit)}; ${met ? 'met' : 'missed'})`).join('\n')}

node's own start took ${Math.round(nodeStart.median)} ms here.

## What is measured

- **From nothing**: no image of any peer is there, and the caches of pip, uv and apt are empty, because each round begins with a base image that nobody has seen. Downloads are part of it.
- **Nothing changed**: the same command once more.
- **One file edited**: a comment in one module, different each time, to a new release image. For pypackage that includes looking at every input, the wheel, its export into the project, and the tags.
- **docker build, best-practice Dockerfile**: stages, cache mounts, bind mounts, dependencies with hashes before sources, the application's wheel mounted into the release, static files collected.
- **uv's documentation**: as it recommends, with a cache mount, bytecode compiled, and two steps of \`uv sync --locked\`. uv itself comes from PyPI, not from its image, so that it works without a registry; after the first build that is a cached layer.
- **The original**: the Makefile of 2015 that this project carries on: \`pip wheel .\` in a builder container into \`target/\`, then a release that adds the wheels, installs and removes them. It collects no static files at this point.
- **pypackage in the editor's host**: the same bundle that the extension loads, in a thread of a process that has been running. Its "from nothing" is the command line's.
- **More memory**: how much further the process grows (resident set, its highest) than in a small run: the host after two of them, the command line against one. The log is printed by a build backend
  at full speed, with \`--json\` into a pipe on the command line; the context has a file of 200 MB, four of 15 MB and 20,000 of 2 KB. The host here is a process with the extension's client and worker; how late its event loop is was measured while the log came.

The Dockerfiles are in \`test/bench/dockerfiles.mjs\`.

## Where

${date.slice(0, 10)} · ${environment.cpus} cores (${environment.cpu}), load ${environment.load} · ${environment.engine} · storage ${environment.storage} · client ${environment.client}, ${environment.builder} · Node ${environment.node} · uv ${environment.uv} · base image ${environment.base} · rounds: ${rounds.cold} from nothing, ${rounds.warm} of the others.
`;
}
