/** The help of the command line, from the tables of verbs and flags. */
import { COMMON_FLAGS, flagSpec, type FlagName, flagUsage } from './flags.js';
import { EXIT_CODES, VERB_NAMES, verbSpec, type VerbName } from './verbs.js';
import { wrap } from '../terminal/width.js';

const WIDTH = 100;

export function usageOf(verb: VerbName): string {
  const { operands } = verbSpec(verb);
  if (verb === 'help') return `pypackage help ${operands}`;
  return `pypackage ${verb} [FLAGS]${operands === '' ? '' : ` ${operands}`}`;
}

export function generalHelp(): string {
  const verbs = VERB_NAMES.map((name) => [name, verbSpec(name).summary] as const);
  return [
    'Packages Python and Django applications as wheels and Docker images.',
    '',
    'usage: pypackage VERB [FLAGS]',
    '',
    'Verbs',
    ...table(verbs),
    '',
    'Flags of every verb',
    ...flagTable(COMMON_FLAGS),
    '',
    'The help of a verb: pypackage VERB --help',
    '',
  ].join('\n');
}

export function verbHelp(verb: VerbName): string {
  const spec = verbSpec(verb);
  const own = spec.flags.length === 0 ? [] : ['Flags', ...flagTable(spec.flags), ''];
  return [
    spec.summary,
    '',
    `usage: ${usageOf(verb)}`,
    '',
    ...spec.about.flatMap((paragraph) => [...wrap(paragraph, WIDTH), '']),
    ...own,
    'Flags of every verb',
    ...flagTable(COMMON_FLAGS),
    '',
    'Examples',
    ...spec.examples.flatMap(({ command, text }) => [`  ${command}`, `      ${text}`]),
    '',
    'Exit codes',
    ...table(exitsOf(verb).map((code) => [String(code), EXIT_CODES[code]] as const)),
    '',
  ].join('\n');
}

export function exitsOf(verb: VerbName): readonly (keyof typeof EXIT_CODES)[] {
  const { exits } = verbSpec(verb);
  if (verb === 'help') return [0, 2];
  if (verb === 'run') return [125, 130, 143];
  return [0, 1, 2, 3, 5, 130, 143].filter(
    (code): code is keyof typeof EXIT_CODES => code === 0 || code === 2 || code > 125 || exits.some((exit) => exit === code),
  );
}

function flagTable(names: readonly FlagName[]): readonly string[] {
  return table(names.map((name) => [flagUsage(name), flagSpec(name).text] as const));
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const first = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.flatMap(([name, text]) => wrap(text, WIDTH - first - 2).map((line, index) => `  ${(index === 0 ? name : '').padEnd(first)}${line}`));
}
