/** docs/compatibility.md: one line a project, so that a part of them can be made anew. */

const HEAD = '| project | result | time | wheels | run-time packages found | image | remarks |';

/**
 * @param {readonly import('./projects.mjs').CorpusProject[]} projects
 * @param {ReadonlyMap<string, string | object>} rows by name: a line that stands there, or what came of it
 */
export function page(projects, rows) {
  const lines = projects.flatMap((project) => {
    const row = rows.get(project.name);
    return row === undefined ? [] : [typeof row === 'string' ? row : line(row)];
  });
  const ok = lines.filter((text) => text.includes('| ok |') || /\|\s+ok\s+\|/.test(text)).length;
  return `# Compatibility

Projects as the package index has them: the source distribution, unpacked as a folder and packaged by \`pypackage all\`, with no other configuration
than what is said here. \`ok\` is a release in which every top-level module of the application's wheel can be imported. \`npm run corpus\` makes this page; a
quick part of it is in \`npm test\`.

The base image is Debian trixie with Python 3.13. Times are of one run each, on a machine with two cores, downloads and compilers included.

${HEAD}
| --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

${ok} of ${lines.length} are ok.
`;
}

function line({ project, outcome, before }) {
  const remarks = [
    ...(outcome.reason === undefined ? [] : [outcome.reason]),
    ...(project.why === undefined ? [] : [project.why]),
    ...(before === undefined ? [] : [`on Debian bookworm with Python 3.11: ${before.reason}`]),
  ];
  const cells = [
    `${project.name} ${project.version}`,
    outcome.ok ? 'ok' : 'no',
    `${Math.round(outcome.ms / 1000)} s`,
    outcome.wheels === 0 ? '' : String(outcome.wheels),
    outcome.system.join(', '),
    outcome.size === 0 ? '' : `${Math.round(outcome.size / 1e6)} MB`,
    remarks.join('; '),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/** The lines of a page that is there, by project. */
export function readRows(text) {
  const rows = new Map();
  for (const row of text.split('\n')) {
    const name = /^\|\s+(\S+) \d\S*\s+\|/.exec(row)?.[1];
    if (name !== undefined) rows.set(name, row);
  }
  return rows;
}
