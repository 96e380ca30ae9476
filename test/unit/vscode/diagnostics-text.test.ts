/** What is copied for an issue, and what is not in it. */
import { describe, expect, test } from 'vitest';
import { createCore } from '../../../src/core/create-core.js';
import { anonymous, diagnosticsText, type DiagnosticsFacts } from '../../../src/vscode/diagnostics-text.js';

const FACTS: DiagnosticsFacts = {
  versions: [['Editor', 'Code 1.100']],
  engine: {
    v: 1,
    version: '0.1.0',
    why: 'it is the current context',
    tried: [{ url: 'unix:///var/run/docker.sock', source: 'default socket', value: '', state: 'answers', answer: 'Docker 28.5', chosen: true }],
    checks: [{ name: 'index', state: 'ok', text: 'PyPI' }],
  },
  settings: [{ key: 'pypackage.namespace', scope: 'workspace', value: 'acme' }],
  projects: [
    { name: 'polls', folder: '/home/ann/polls', about: { kind: 'package', version: '1.4.0', python: '3.13', django: true, lockFiles: ['uv.lock'] } },
    { name: 'broken', folder: '/home/ann/broken', problem: 'pyproject.toml is no TOML' },
  ],
  failures: [
    {
      project: 'polls',
      stage: 'wheels',
      error: { kind: 'stage', code: 'compile-failed', message: 'polls does not compile: no', where: { file: 'x.c', line: 3, column: 5 }, fix: 'Mend it' },
      tail: ['12:00:00.000 wheels | \u001b[31mred\u001b[0m', '```', 'the end'],
    },
  ],
};

describe('the report', () => {
  const text = diagnosticsText(FACTS);
  test.each([
    '- Editor: Code 1.100',
    'None answers: it is the current context',
    '- tried `unix:///var/run/docker.sock` (default socket): Docker 28.5',
    '- `pypackage.namespace` (workspace): `"acme"`',
    '- polls in `/home/ann/polls`: package · 1.4.0 · Python 3.13 · Django · uv.lock',
    '- broken in `/home/ann/broken`: pyproject.toml is no TOML',
    '**polls, wheels**: polls does not compile: no (stage, `compile-failed`)',
    '- where: x.c:3:5',
    // Whatever the log holds, it does not end the block.
    '````text\n12:00:00.000 wheels | red\n```\nthe end\n````',
  ])('has %s', (line) => {
    expect(text).toContain(line);
  });

  test('says so where there is nothing', () => {
    const none = diagnosticsText({ versions: [], engine: 'Not asked: no project is open.', settings: [], projects: [], failures: [] });
    expect(none).toContain('Not asked: no project is open.');
    expect(none.match(/None in this window\./g)).toHaveLength(2);
  });
});

describe('what it does not tell', () => {
  test.each([
    ['the home folder', '/home/ann/polls and /home/ann, not /home/anna', '~/polls and ~, not /home/anna'],
    ['users of URLs', 'ssh://ann@build.example and tcp://ann:pw@host:1', 'ssh://***@build.example and tcp://***@host:1'],
    [
      'values that call themselves secret',
      'DB_PASSWORD=hunter2 "api_key": "abc" SECRET_KEY = \'xyz\' token: t0k',
      'DB_PASSWORD=*** "api_key": "***" SECRET_KEY = \'***\' token: ***',
    ],
    ['headers', 'Authorization: Bearer abc.def-123', 'Authorization: Bearer ***'],
    ['nothing else', 'passed: 12, tokens are fine', 'passed: 12, tokens are fine'],
  ])('%s', (_name, text, expected) => {
    expect(anonymous(text, '/home/ann')).toBe(expected);
  });

  test('what the core knows to be a password', async () => {
    const core = createCore();
    const env = { PIP_INDEX_URL: 'https://me:planted-password@index.example/simple', UV_INDEX_ACME_PASSWORD: 'another-password' };
    const redacted = await core.redact({ env, text: 'a planted-password b another-password c' });
    core.close();
    expect(redacted).toBe('a *** b *** c');
  });
});
