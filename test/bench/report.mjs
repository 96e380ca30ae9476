// What a benchmark says: the table, the targets, and the page in docs.
const SCENARIOS = { cold: 'from nothing', noop: 'nothing changed', edit: 'one file edited' };

/** `{ name, text, value, limit, met }` for each promise. */
export function targetsOf({ results, nodeStart }) {
  const median = (peer, scenario) => results[peer]?.[scenario]?.median;
  const best = (scenario) => median('best-practice', scenario);
  return [
    target("One file edited, in the editor's host, against the best-practice build", median('pypackage-host', 'edit') / best('edit'), 0.6, 'ratio'),
    target('One file edited, from the command line, against the best-practice build', median('pypackage', 'edit') / best('edit'), 0.6, 'ratio'),
    target("Nothing changed, in the editor's host, against docker's build", median('pypackage-host', 'noop') / best('noop'), 0.3, 'ratio'),
    target("Nothing changed, from the command line, beyond node's own start", median('pypackage', 'noop') - nodeStart.median, 200, 'ms'),
  ];
}

function target(name, value, limit, unit) {
  return { name, value: Math.round(value * 100) / 100, limit, unit, met: value <= limit };
}

export function table({ peers, results }) {
  const rows = peers.map(({ name, title }) => [title, ...Object.keys(SCENARIOS).map((scenario) => cell(results[name]?.[scenario]))]);
  const head = ['median ms (lowest to highest)', ...Object.values(SCENARIOS)];
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
  return targets.map(
    ({ name, value, limit, unit, met }) =>
      `${met ? 'met   ' : 'MISSED'}  ${name}: ${unit === 'ms' ? `${Math.round(value)} ms` : value}, at most ${limit}${unit === 'ms' ? ' ms' : ''}`,
  );
}

export function markdown(document) {
  const { date, environment, rounds, targets, nodeStart } = document;
  return `# Benchmarks

Made by \`npm run bench\`, which runs it on your machine too. The application is the sample in \`examples/polls\` with 40 more modules (Django, gunicorn, WhiteNoise, and psycopg,
which is compiled). All peers use the same engine, the same base image and the same versions of the dependencies, and take turns. Times are milliseconds of wall clock: median, with the
lowest and the highest.

${table(document)}

${targets.map(({ name, value, limit, unit, met }) => `- ${name}: **${unit === 'ms' ? `${Math.round(value)} ms` : value}** (promised: at most ${limit}${unit === 'ms' ? ' ms' : ''}; ${met ? 'met' : 'missed'})`).join('\n')}

node's own start took ${Math.round(nodeStart.median)} ms here.

## What is measured

- **From nothing**: no image of any peer is there, and the caches of pip, uv and apt are empty, because each round begins with a base image that nobody has seen. Downloads are part of it.
- **Nothing changed**: the same command once more.
- **One file edited**: a comment in one module, different each time, to a new release image. For pypackage that includes looking at every input, the wheel, its export into the project, and the tags.
- **docker build, best-practice Dockerfile**: stages, cache mounts, bind mounts, dependencies with hashes before sources, the application's wheel mounted into the release, static files collected.
- **uv's documentation**: as it recommends, with a cache mount, bytecode compiled, and two steps of \`uv sync --locked\`. uv itself comes from PyPI, not from its image, so that it works without a registry; after the first build that is a cached layer.
- **The original**: the Makefile of 2015 that this project carries on: \`pip wheel .\` in a builder container into \`target/\`, then a release that adds the wheels, installs and removes them. It collects no static files at this point.
- **pypackage in the editor's host**: the same bundle that the extension loads, in a thread of a process that has been running. Its "from nothing" is the command line's.

The Dockerfiles are in \`test/bench/dockerfiles.mjs\`.

## Where

${date.slice(0, 10)} · ${environment.cpus} cores (${environment.cpu}), load ${environment.load} · ${environment.engine} · storage ${environment.storage} · client ${environment.client}, ${environment.builder} · Node ${environment.node} · uv ${environment.uv} · base image ${environment.base} · rounds: ${rounds.cold} from nothing, ${rounds.warm} of the others.
`;
}
