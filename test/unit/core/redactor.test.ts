import { describe, expect, test } from 'vitest';
import { UserError, reportOf } from '../../../src/core/errors.js';
import { learnSecrets } from '../../../src/core/network.js';
import { Redactor } from '../../../src/core/redactor.js';
import { createCore } from '../../../src/core/create-core.js';

describe('the redactor', () => {
  test('takes credentials of indexes and proxies out of any text', () => {
    const redactor = new Redactor();
    learnSecrets(
      {
        PIP_INDEX_URL: 'https://token-123456@pypi.corp/simple',
        PIP_EXTRA_INDEX_URL: 'https://a.corp/simple https://ci:second-one@b.corp/simple',
        HTTPS_PROXY: 'http://me:pass%21word@proxy:3128',
        HTTP_PROXY: 'http://x:y@short:1',
      },
      redactor,
    );
    const lines = [
      ['Looking in indexes: https://token-123456@pypi.corp/simple', 'Looking in indexes: https://***@pypi.corp/simple'],
      ['proxy http://me:pass%21word@proxy:3128 refused', 'proxy http://***@proxy:3128 refused'],
      ['password pass!word, pass%21word', 'password ***, ***'],
      ['the second is second-one', 'the second is ***'],
      [`Authorization: Basic ${Buffer.from('me:pass!word').toString('base64')}`, 'Authorization: Basic ***'],
      ['via http://x:y@short:1', 'via http://***@short:1'],
      ['git+https://bot:ghp_secret@github.com/a/b.git', 'git+https://***@github.com/a/b.git'],
      ['git+ssh://git@github.com/a/b.git me@example.org', 'git+ssh://git@github.com/a/b.git me@example.org'],
      ['Collecting Django==5.2', 'Collecting Django==5.2'],
      ['see https://docs.example/a:b and me@example.org', 'see https://docs.example/a:b and me@example.org'],
    ] as const;
    for (const [text, expected] of lines) expect(redactor.redact(text)).toBe(expected);
  });

  test('reaches every text of plain data and leaves the rest as it is', () => {
    const redactor = new Redactor();
    redactor.addPair('bob', 'hunter22');
    const data = { n: 1, yes: true, none: null, list: ['hunter22', { deep: 'a hunter22 b' }], other: undefined };
    expect(redactor.redactAll(data)).toEqual({ n: 1, yes: true, none: null, list: ['***', { deep: 'a *** b' }], other: undefined });
  });

  test('takes the longest first, and leaves alone what is too short to tell', () => {
    const redactor = new Redactor();
    redactor.add('secret', 'secret-and-more', 'abc');
    expect(redactor.redact('secret-and-more secret abc')).toBe('*** *** abc');
  });
});

describe('the core', () => {
  test('says no password in its errors, nor in their details', async () => {
    const core = createCore();
    const password = 'a-password-of-mine';
    const env = { HOME: '/nowhere', DOCKER_HOST: `tcp://me:${password}@127.0.0.1:1`, HTTPS_PROXY: `http://me:${password}@proxy:1` };
    const request = { folder: `/absent/${password}`, logDir: '/nowhere', env };
    for (const call of [core.status(request, AbortSignal.timeout(5_000)), core.start(request, () => undefined, AbortSignal.timeout(5_000))]) {
      const error: unknown = await call.catch((problem: unknown) => problem);
      expect(error).toBeInstanceOf(UserError);
      expect(JSON.stringify(reportOf(error))).toContain('***');
      expect(JSON.stringify(reportOf(error))).not.toContain(password);
    }
    core.close();
  });
});
