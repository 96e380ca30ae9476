/** A table of Markdown, padded so that it can be read as it is. */
export function table(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Which engine ran what, with what result. */
export function resultTable(outcomes) {
  const names = [...new Set(outcomes.flatMap(({ files }) => files.map(({ name }) => name)))].sort((a, b) => a.localeCompare(b));
  const cell = (outcome, name) => {
    if (outcome.why !== undefined) return 'not started';
    const file = outcome.files.find((one) => one.name === name);
    if (!file) return 'not run';
    return file.failures.length === 0 ? `${file.passed} passed` : `${file.failures.length} failed, ${file.passed} passed`;
  };
  const rows = outcomes.map((outcome) => [outcome.name, ...names.map((name) => cell(outcome, name)), sameness(outcome)]);
  return table(['engine', ...names, 'same release'], rows);
}

function sameness({ why, difference, isReference }) {
  if (why !== undefined) return 'not started';
  if (isReference) return 'reference';
  if (difference === undefined) return 'not run';
  return difference === '' ? 'passed' : 'failed';
}

/** What each engine is. */
export function engineTable(outcomes) {
  const rows = outcomes.map(({ name, title, why, version, api }) => [name, title, why === undefined ? version : 'not started', why === undefined ? api : '']);
  return table(['engine', 'what it is', 'version', 'API'], rows);
}

/**
 * Where an engine's release differs from another's, in one sentence; empty when it does not.
 * @param releases lists of lines by their titles: `greet: wheels`, `greet: files`
 */
export function firstDifference(release, other, otherName) {
  for (const title of new Set([...Object.keys(other), ...Object.keys(release)])) {
    const [here, there] = [release[title] ?? [], other[title] ?? []];
    const more = here.find((line) => !there.includes(line));
    const less = there.find((line) => !here.includes(line));
    if (more !== undefined || less !== undefined) return `${title}: here ${more ?? 'nothing more'}; on ${otherName} ${less ?? 'nothing more'}`;
  }
  return '';
}
