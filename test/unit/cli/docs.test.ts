import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cliDocument } from '../../../src/cli/docs.js';
import { FLAGS } from '../../../src/cli/flags.js';
import { generalHelp, verbHelp } from '../../../src/cli/help.js';
import { VERB_NAMES } from '../../../src/cli/verbs.js';

test('docs/cli.md is current; node scripts/generate-docs.mjs writes it', () => {
  expect(readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')).toBe(cliDocument());
});

test('the help names every verb, and every flag is in the help of some verb', () => {
  const all = VERB_NAMES.map((verb) => verbHelp(verb)).join('\n');
  for (const verb of VERB_NAMES) expect(generalHelp()).toMatch(new RegExp(`^  ${verb} +\\S`, 'm'));
  for (const flag of Object.keys(FLAGS)) expect(all).toContain(`--${flag}`);
});

test.each(VERB_NAMES)('the help of %s has usage, examples and exit codes and fits 100 columns', (verb) => {
  const help = verbHelp(verb);
  expect(help).toMatch(new RegExp(`^usage: pypackage ${verb}`, 'm'));
  expect(help).toMatch(/^Examples\n {2}pypackage /m);
  expect(help).toMatch(/^Exit codes\n {2}\d/m);
  for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

test('no help promises success or begs', () => {
  const all = [generalHelp(), ...VERB_NAMES.map((verb) => verbHelp(verb))].join('\n');
  expect(all).not.toMatch(/please|successfully|oops|!/i);
});
