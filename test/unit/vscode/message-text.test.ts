import { describe, expect, test } from 'vitest';
import type { ErrorReport } from '../../../src/core/errors.js';
import { inEditorWords, stepOf } from '../../../src/vscode/editor-words.js';
import { causeText, failureText, joinWords, readyText } from '../../../src/vscode/message-text.js';
import { startOfRun } from '../../../src/vscode/run-state.js';
import { FAILURE, RELEASE } from './events.js';

describe('what a notification says', () => {
  test('of a release: name, size, time and tags', () => {
    expect(readyText('polls', { ...startOfRun(0), phase: 'done', ms: 1700, release: RELEASE })).toBe(
      'polls 1.4.0 is ready (168 MB, 1.7 s), tagged 1.4.0, a1b2c3d and latest.',
    );
  });

  test('of a site without a version', () => {
    const release = { ...RELEASE, version: '', tags: ['src-0123abcd', 'latest'] };
    expect(readyText('polls', { ...startOfRun(0), phase: 'done', ms: 1700, release })).toBe('polls is ready (168 MB, 1.7 s), tagged src-0123abcd and latest.');
  });

  test('of a failure: what, where, why and the next step, as sentences', () => {
    expect(failureText('wheels failed', FAILURE)).toBe(
      "wheels failed: mysqlclient 2.2.7 does not compile: mysql.h is missing (pyproject.toml, line 12). The builder image lacks Debian's default-libmysqlclient-dev. PyPackage: Run Doctor tells more.",
    );
  });

  test.each<[string, ErrorReport, readonly object[], string]>([
    [
      'no reason, and no next step that a button takes',
      {
        kind: 'stage',
        code: 'x',
        message: 'mysqlclient does not compile: mysql.h is missing',
        why: 'the builder image lacks it',
        fix: 'pypackage fix adds it',
        remedy: { kind: 'system-packages', use: 'build', packages: ['x'] },
      },
      [],
      'wheels failed: mysqlclient does not compile: mysql.h is missing.',
    ],
    [
      'a command that is typed',
      { kind: 'engine', code: 'x', message: 'The engine is not running', fix: 'Start it: uv lock' },
      [{ type: 'uv lock' }],
      'wheels failed: The engine is not running.',
    ],
    [
      'its place and a short next step',
      { kind: 'project', code: 'x', message: 'a has no b', where: { file: 'c.toml', line: 3 }, fix: 'Choose one' },
      [],
      'wheels failed: a has no b (c.toml, line 3). Choose one.',
    ],
    ['the first line of many', { kind: 'stage', code: 'x', message: 'one\ntwo', fix: 'x'.repeat(101) }, [], 'wheels failed: one.'],
  ])('in a message, in one line: %s', (_name, error, actions, text) => {
    expect(causeText('wheels failed', error, actions)).toBe(text);
  });

  test('of a defect: that it is ours', () => {
    expect(failureText('polls', { kind: 'defect', code: 'defect', message: 'x is undefined' })).toBe(
      'polls met a defect of PyPackage: X is undefined. The output has the details.',
    );
  });

  test('a list, as people write it', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(joinWords)).toEqual(['', 'a', 'a and b', 'a, b and c']);
  });
});

describe('next steps of the command line', () => {
  test('are told in the words of the editor, and offered as buttons', () => {
    expect(inEditorWords('Make one: pypackage all')).toBe('Make one: PyPackage: Build');
    expect(stepOf('Make one: pypackage all')).toEqual(expect.objectContaining({ title: 'Build', step: { command: 'pypackage.build' } }));
    expect(inEditorWords('Name another with --base-image or PYPACKAGE_BASE_IMAGE')).toBe(
      'Name another with the setting pypackage.baseImage or PYPACKAGE_BASE_IMAGE',
    );
    expect(stepOf('name an engine elsewhere with --engine')?.step).toEqual({ command: 'pypackage.selectEngine' });
  });

  test('that the editor does not have stay as they are', () => {
    expect(inEditorWords('pypackage run python')).toBe('pypackage run python');
    expect(stepOf('pypackage run python')).toBeUndefined();
    expect(stepOf(undefined)).toBeUndefined();
  });
});
