/** Which buttons an error has. */
import { describe, expect, test } from 'vitest';
import type { ErrorReport } from '../../../src/core/errors.js';
import { actionsOf, remediesOf } from '../../../src/vscode/error-actions.js';

const more = { title: 'Show Log', command: 'pypackage.showLog', argument: '/polls' } as const;
const retry = { title: 'Retry', command: 'pypackage.build', argument: '/polls' } as const;
const titles = (error: ErrorReport): string[] => actionsOf(error, { root: '/polls', more, retry }).map(({ title }) => title);

const stage = { kind: 'stage', code: 'compile-missing-file', message: 'mysqlclient does not compile: mysql.h is missing' } as const;
const remedy = { kind: 'system-packages', use: 'build', packages: ['libpq-dev'] } as const;

describe('an error offers at most three things, the likeliest first', () => {
  test.each<[string, ErrorReport, readonly string[]]>([
    [
      'what mends it',
      { ...stage, fix: 'pypackage fix adds libpq-dev to pypackage.json; then run again', remedy },
      ['Add libpq-dev and Retry', 'Show Log', 'Retry'],
    ],
    ['what mends it, and its line', { ...stage, remedy, where: { file: 'x.c', line: 3 } }, ['Add libpq-dev and Retry', 'Show Line', 'Show Log']],
    ['its line', { ...stage, where: { file: 'x.c', line: 3 } }, ['Show Line', 'Show Log', 'Retry']],
    [
      'a word that was meant',
      {
        kind: 'project',
        code: 'unknown-extra',
        message: '',
        fix: 'Did you mean test?',
        remedy: { kind: 'replacement', at: { file: 'pypackage.json', line: 3 }, from: 'tset', to: 'test' },
      },
      ['Change to test', 'Show Log', 'Retry'],
    ],
    ['a lock of ours', { kind: 'project', code: 'lock-stale', message: '', fix: 'Lock again: pypackage lock' }, ['Lock Dependencies', 'Show Log', 'Retry']],
    [
      'a lock of another tool',
      { kind: 'project', code: 'lock-stale', message: '', fix: 'Lock again: uv lock' },
      ['Type uv lock in Terminal', 'Show Log', 'Retry'],
    ],
    [
      'an engine that is off',
      { kind: 'engine', code: 'engine-not-running', message: '', fix: 'Start it: sudo systemctl start docker' },
      ['Start Docker in Terminal', 'Select Engine', 'Run Doctor'],
    ],
    ['an engine that said no', { kind: 'engine', code: 'engine-refused', message: '' }, ['Run Doctor', 'Retry', 'Show Log']],
    ['nothing better', { kind: 'stage', code: 'wheel-build-failed', message: '' }, ['Show Log', 'Retry']],
  ])('%s', (_name, error, expected) => {
    expect(titles(error)).toEqual(expected);
  });

  test('and presses no key for the person: an end of a line is not typed', () => {
    const [action] = remediesOf({ kind: 'project', code: 'lock-stale', message: '', fix: 'Lock again: uv lock --upgrade-package x\nrm -rf ~' }, '/polls');
    expect(action).toMatchObject({ type: 'uv lock --upgrade-package x' });
  });

  test('and types no more of a next step than its command', () => {
    expect(
      remediesOf(
        {
          kind: 'engine',
          code: 'engine-no-permission',
          message: '',
          fix: 'Join its group: sudo usermod -aG docker "$USER", then log in again or run: newgrp docker',
        },
        '/polls',
      )[0],
    ).toMatchObject({
      type: 'sudo usermod -aG docker "$USER"',
    });
  });
});
