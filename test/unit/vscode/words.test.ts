/** Every word for people can be translated: those of the manifest are keys of package.nls.json, those of the code go through l10n.t. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json';
import texts from '../../../package.nls.json';
import { findWords } from './find-words.js';
import { keysIn, literalsIn } from './manifest-words.js';

const SOURCES = join(import.meta.dirname, '../../../src/vscode');

const IN_ENGLISH = new Set([
  // The record of a run, as the log file beside it and the command line have it: what people paste into a report and search for is the same everywhere.
  'output-lines.ts',
  // What is copied for an issue, and what the extension notes for whoever looks for a defect of it.
  'diagnostics-text.ts',
  'diagnostics.ts',
  'journal.ts',
  'core-thread.ts',
  // A bundle of its own, whose only messages are defects.
  'core-client.ts',
  // docs/commands.md, with the sentences that only it shows.
  'commands/command-specs.ts',
  'commands/context-key-specs.ts',
  'commands/docs.ts',
]);

/** Names and values that stay as they are in every language. */
const AS_THEY_ARE = new Set([
  'PyPackage',
  '/PyPackage Doctor.md',
  // States and places in the core's documents; what is shown for them is made of them by l10n.t or is the core's own.
  'up to date',
  'another window',
  'the command line',
  'another machine',
  // Where the core is told that an engine's address comes from: it comes back in its sentences.
  'your entry',
  // Images and the names of their Dockerfiles.
  'base',
  'builder',
  'layer',
  'release',
  // Examples of what one types.
  'django redis',
  'python setup.py bdist_wheel --dist-dir "$WHEELHOUSE"',
  'python -m pip list',
]);

describe('package.json', () => {
  test('has no text for people that is not a key', () => {
    expect(literalsIn({ displayName: manifest.displayName, description: manifest.description })).toEqual([]);
    // The category is our name; names of matchers and tools are for other software.
    expect(literalsIn(manifest.contributes).filter((text) => !/^PyPackage$|^pypackage[-_]\w+$/.test(text))).toEqual([]);
    expect(literalsIn(manifest.capabilities)).toEqual([]);
  });

  test('has a text for each key, and no text that nothing shows', () => {
    expect([...new Set(keysIn(manifest))].toSorted()).toEqual(Object.keys(texts).toSorted());
    expect(Object.entries(texts).filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  test('would be found out: a title, a description in a list, a button of a view; what only a model reads is English', () => {
    const contributes = {
      commands: [{ command: 'a.b', title: 'Build Everything', shortTitle: '%short%' }],
      configuration: { properties: { 'a.c': { description: 'Which', enum: ['x'], enumDescriptions: ['The first', '%second%'], default: 'not a text' } } },
      viewsWelcome: [{ view: 'a.d', contents: 'Open a folder', when: 'no text' }],
      languageModelTools: [{ displayName: '%tool%', modelDescription: 'Builds', inputSchema: { properties: { project: { description: 'Where' } } } }],
    };
    expect(literalsIn(contributes)).toEqual(['Build Everything', 'Which', 'The first', 'Open a folder']);
    expect(keysIn(contributes)).toEqual(['short', 'second', 'tool']);
  });
});

describe('src/vscode', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !IN_ENGLISH.has(name));

  test.each(files)('%s has no words that no translation reaches', (name) => {
    const words = findWords(readFileSync(join(SOURCES, name), 'utf8')).filter(({ text }) => !AS_THEY_ARE.has(text));
    expect(words.map(({ line, text }) => `line ${line}: ${text}`)).toEqual([]);
  });

  test.each(files)('%s has no icon in a label, where a screen reader says its name', (name) => {
    expect(readFileSync(join(SOURCES, name), 'utf8').match(/\blabel: .*\$\([a-z].*/g) ?? []).toEqual([]);
  });

  test('is searched well: what VS Code shows and phrases are found, comparisons, types, defects and translated words are not', () => {
    const source = `import { window } from 'a name with spaces';
      type State = 'up to you';
      const item = window.createStatusBarItem('a.b');
      item.text = \`$(sync~spin) building \${name}\`;
      item.tooltip = l10n.t('Builds {0}', name);
      void window.showInformationMessage(ready ? 'Done' : l10n.t('Not yet'), l10n.t('Retry'));
      const choices = [{ label: '$(lock) Keep', command: 'pypackage.lock', description: l10n.t('as it is') }];
      if (state === 'up to you') throw new Error('the state is not known');
      switch (state) { case 'up to you': said = 'as you like it'; }
      log(l10n.t('{0} of {1}', 'a word more', 2));
      item.command = 'pypackage.build';
      item.tooltip = '$(check)';
      page = html\`<h2 id="some words" title="\${l10n.t('Files')}">\${name}</h2> <p>Nothing</p>\`;
      page = html\`<input placeholder="Filter" class="a b">\${isOpen ? 'open' : ''}\`;`;
    expect(findWords(source)).toEqual([
      { line: 4, text: '$(sync~spin) building …' },
      { line: 6, text: 'Done' },
      { line: 7, text: '$(lock) Keep' },
      { line: 9, text: 'as you like it' },
      { line: 10, text: 'a word more' },
      { line: 13, text: '… Nothing …' },
      { line: 14, text: '… Filter' },
      { line: 14, text: 'open' },
    ]);
  });
});
