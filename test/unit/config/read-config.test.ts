import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/core/config/read-config.js';
import { DEFAULT_TARGET_CONFIG } from '../../../src/core/config/target-config.js';
import { makeFolder, userErrorOf } from '../project/folder.js';

const read = async (text: string): ReturnType<typeof readConfig> => readConfig(await makeFolder({ 'pypackage.json': text }));
const failure = async (text: string): ReturnType<typeof userErrorOf> => userErrorOf(read(text));

describe('pypackage.json', () => {
  test('need not be there', async () => {
    expect(await readConfig(await makeFolder())).toEqual({ file: undefined, writtenExtras: [], name: undefined, target: DEFAULT_TARGET_CONFIG });
  });

  test('is read with comments and trailing commas, the target over the defaults', async () => {
    const { name, target } = await read(`{
  // why
  "$schema": "https://example.org/schema.json",
  "version": 1,
  "defaults": { "python": "3.12", "extras": ["a"], "systemPackages": { "build": ["libfoo-dev"], "run": ["libfoo1"] } },
  "targets": {
    "web": {
      "extras": ["b"], "groups": ["prod"], "requirements": ["gunicorn>=23 ; python_version>'3.9'"], "baseImage": "acme/python:3.12",
      "systemPackages": { "run": ["gettext"] },
      "buildCommand": "make wheel",
      "prebuild": { "command": "npm ci", "image": "node:22", "folder": "frontend" },
      "indexes": [{ "name": "acme", "url": "https://pypi.example.org/simple/", "packages": ["acme-*"] }, { "name": "b", "url": "http://b.example/simple" }],
    },
  },
}`);
    expect(name).toBe('web');
    expect(target).toEqual({
      python: '3.12',
      baseImage: 'acme/python:3.12',
      extras: ['b'],
      groups: ['prod'],
      requirements: ["gunicorn>=23 ; python_version>'3.9'"],
      systemPackages: { build: ['libfoo-dev'], run: ['gettext'] },
      buildCommand: ['sh', '-c', 'make wheel'],
      prebuild: { command: 'npm ci', image: 'node:22', folder: 'frontend' },
      indexes: [
        { name: 'acme', url: 'https://pypi.example.org/simple/', packages: ['acme-*'] },
        { name: 'b', url: 'http://b.example/simple', packages: [] },
      ],
    });
    expect((await read('{"version":1,"defaults":{"buildCommand":["make","wheel"],"prebuild":{"command":"x"}}}')).target).toMatchObject({
      buildCommand: ['make', 'wheel'],
      prebuild: { command: 'x', image: undefined, folder: '.' },
    });
  });

  test('another file can be named', async () => {
    const root = await makeFolder({ 'ci/pypackage.json': '{"version":1,"defaults":{"python":"3.11"}}' });
    expect(await readConfig(root, `${root}/ci/pypackage.json`)).toMatchObject({ file: 'ci/pypackage.json', target: { python: '3.11' } });
    const error = await userErrorOf(readConfig(root, `${root}/none.json`));
    expect([error.code, error.message]).toEqual(['config-missing', 'There is no file none.json']);
  });

  test.each([
    ['{"version":1,\n  "targets": {"a": {"extra": ["x"]}}}', 'targets.a in pypackage.json has an unknown key: extra', 2, 21, 'Did you mean extras?'],
    ['{"version":1,\n "target": {}}', 'pypackage.json has an unknown key: target', 2, 2, 'Did you mean targets?'],
    [
      '{"version":1,"defaults":{"prebuild":{"command":"x","dir":"y"}}}',
      'defaults.prebuild in pypackage.json has an unknown key: dir',
      1,
      52,
      'What can stand there: command, image, folder',
    ],
    ['{}', 'version in pypackage.json must be 1', 1, 1, undefined],
    ['{"version":2}', 'version in pypackage.json must be 1', 1, 12, undefined],
    ['[]', 'pypackage.json must hold an object', 1, 1, undefined],
    ['', 'pypackage.json is not valid JSON: it is empty', 1, 1, undefined],
    ['{"version":1,\n"defaults" 1}', 'pypackage.json is not valid JSON: colon expected', 2, 12, undefined],
    ['{"version":1,"version":1}', 'version stands twice in pypackage.json', 1, 14, undefined],
    ['{"version":1,"defaults":{"extras":"a"}}', 'defaults.extras in pypackage.json must be a list: the name of an extra each', 1, 35, undefined],
    ['{"version":1,"defaults":{"extras":["a",\n"b c"]}}', 'defaults.extras.1 in pypackage.json must be the name of an extra', 2, 1, undefined],
    ['{"version":1,"defaults":{"groups":["-"]}}', 'defaults.groups.0 in pypackage.json must be the name of a dependency group', 1, 36, undefined],
    [
      '{"version":1,"defaults":{"requirements":["-r x.txt"]}}',
      'defaults.requirements.0 in pypackage.json must be a requirement such as "gunicorn>=23" (PEP 508)',
      1,
      42,
      undefined,
    ],
    ['{"version":1,"defaults":{"python":3.12}}', 'defaults.python in pypackage.json must be a version of Python 3 such as "3.12"', 1, 35, undefined],
    [
      '{"version":1,"defaults":{"systemPackages":{"run":["a; rm -rf /"]}}}',
      'defaults.systemPackages.run.0 in pypackage.json must be the name of a Debian package',
      1,
      51,
      undefined,
    ],
    [
      '{"version":1,"defaults":{"prebuild":{"command":"x","folder":"../y"}}}',
      'defaults.prebuild.folder in pypackage.json must be a folder in the project, such as "frontend"',
      1,
      61,
      undefined,
    ],
    [
      '{"version":1,"defaults":{"buildCommand":7}}',
      'defaults.buildCommand in pypackage.json must be a command: a string for the shell, or a list of words',
      1,
      41,
      undefined,
    ],
    [
      '{"version":1,"targets":{"Web":{}}}',
      '"Web" in pypackage.json cannot be the name of a target',
      1,
      25,
      'Use small letters, digits, - and _, beginning with a letter or digit',
    ],
  ])('%s', async (text, message, line, column, fix) => {
    const error = await failure(text);
    expect([error.code, error.message, error.where, error.fix]).toEqual(['config-invalid', message, { file: 'pypackage.json', line, column }, fix]);
  });

  test('an index has no login, which is not repeated', async () => {
    const error = await failure('{"version":1,"defaults":{"indexes":[{"name":"a","url":"https://joe:s3cret@pypi.example.org/simple"}]}}');
    expect(error.message).toBe('defaults.indexes.0.url in pypackage.json must not hold a login');
    expect(error.fix).toMatch(/pip's settings or a netrc file/);
    expect(`${error.message}${error.fix}${String(error.why)}`).not.toContain('s3cret');
  });

  test('several targets are refused for now', async () => {
    const error = await failure('{"version":1,"targets":{"web":{},\n"worker":{}}}');
    expect([error.code, error.message, error.where?.line]).toEqual([
      'config-several-targets',
      'pypackage.json names 2 targets (web, worker), and choosing among several is not there yet',
      2,
    ]);
  });
});
