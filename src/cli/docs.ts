/** docs/cli.md, from the tables of verbs and flags; written by scripts/generate-docs.mjs. */
import { COMMON_FLAGS, flagSpec, type FlagName, flagUsage } from './flags.js';
import { exitsOf, usageOf } from './help.js';
import { EXIT_CODES, VERB_NAMES, verbSpec, type VerbName } from './verbs.js';

export function cliDocument(): string {
  return [
    '<!-- Written by scripts/generate-docs.mjs from src/cli/verbs.ts and src/cli/flags.ts; edit those. -->',
    '',
    '# The command line',
    '',
    '`pypackage` does in a terminal or in CI what the button does in the editor, with the same core and the same results.',
    '',
    '```',
    'pypackage VERB [FLAGS]',
    '```',
    '',
    '| Verb | What it does |',
    '| --- | --- |',
    ...VERB_NAMES.map((name) => `| [${name}](#${name}) | ${cell(verbSpec(name).summary)} |`),
    '',
    '## Flags of every verb',
    '',
    'A value follows its flag after a space or an equals sign: `--project DIR`, `--project=DIR`.',
    '',
    ...flagTable(COMMON_FLAGS),
    '',
    '## Output',
    '',
    'Results and events go to standard output, errors to standard error. In a terminal the running stage is one line that is drawn again; in a pipe nothing moves, and lines of builds and containers',
    'carry their stage and a bar (`wheels | …`). With `--json` standard output holds one event a line for `all`, `image`, `wheels`, `release`, one object a line for `logs`, and one document for the other verbs; an error that',
    'ends a verb before or without events is `{"v":1,"error":{…}}`. Exit codes are the same in all forms.',
    '',
    '`NO_COLOR`, `FORCE_COLOR`, `TERM=dumb` and `CI` are honoured. The complete log of every run is a file in the folder for logs.',
    '',
    '## Exit codes',
    '',
    '| Code | Meaning |',
    '| --- | --- |',
    ...Object.entries(EXIT_CODES).map(([code, meaning]) => `| ${code} | ${cell(meaning)} |`),
    '',
    ...VERB_NAMES.flatMap(verbSection),
  ].join('\n');
}

function verbSection(name: VerbName): readonly string[] {
  const spec = verbSpec(name);
  return [
    `## ${name}`,
    '',
    spec.summary,
    '',
    '```',
    usageOf(name),
    '```',
    '',
    ...spec.about.flatMap((paragraph) => [paragraph, '']),
    ...(spec.flags.length === 0 ? [] : [...flagTable(spec.flags), '']),
    ...spec.examples.map(({ command, text }) => `- \`${command}\`: ${text}`),
    '',
    `Exit codes: ${exitsOf(name).join(', ')}.`,
    '',
  ];
}

function flagTable(names: readonly FlagName[]): readonly string[] {
  return ['| Flag | Meaning |', '| --- | --- |', ...names.map((name) => `| \`${cell(flagUsage(name))}\` | ${cell(flagSpec(name).text)} |`)];
}

/** A bar would end a table's cell, even in code (GitHub Flavored Markdown, tables). */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
