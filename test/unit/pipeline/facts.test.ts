/** What the folder and the configuration say together, before any engine is asked. */
import { describe, expect, test } from 'vitest';
import { readLocalFacts } from '../../../src/core/pipeline/facts.js';
import { RevisionMemory } from '../../../src/core/project/revision-memory.js';
import { BASE_IMAGE_SETTING, type Request } from '../../../src/core/request.js';
import { makeFolder, userErrorOf } from '../project/folder.js';

const PROJECT = '[project]\nname = "polls"\nversion = "1"\n[project.optional-dependencies]\na = []\nb = []\n';

async function facts(config: string, request: Partial<Request> = {}): ReturnType<typeof readLocalFacts> {
  const folder = await makeFolder({ 'pyproject.toml': PROJECT, 'pypackage.json': config });
  return readLocalFacts({ folder, env: {}, logDir: '', ...request }, new RevisionMemory());
}

describe('the base image', () => {
  const config = '{"version":1,"defaults":{"baseImage":"acme/python:3.12"}}';
  test.each([
    ['--base-image', 'flag:1', '--base-image'],
    ['PYPACKAGE_BASE_IMAGE', 'flag:1', 'PYPACKAGE_BASE_IMAGE'],
    [BASE_IMAGE_SETTING, 'acme/python:3.12', 'pypackage.json'],
  ])('%s and the configuration', async (source, reference, winner) => {
    expect((await facts(config, { baseImage: { reference: 'flag:1', source } })).baseReference).toEqual({ reference, source: winner });
  });

  test('the configuration before what is detected', async () => {
    expect((await facts(config)).baseReference).toEqual({ reference: 'acme/python:3.12', source: 'pypackage.json' });
    expect((await facts('{"version":1}', { baseImage: { reference: 's:1', source: BASE_IMAGE_SETTING } })).baseReference.reference).toBe('s:1');
  });
});

test('extras of the configuration and those that were asked for', async () => {
  expect((await facts('{"version":1,"defaults":{"extras":["b"]}}', { extras: ['A', 'b'] })).extras).toEqual(['a', 'b']);
  const error = await userErrorOf(facts('{"version":1,"defaults":{"extras":["c"]}}'));
  expect([error.code, error.message]).toEqual(['unknown-extra', 'polls has no extra named c']);
});

test('the one target may be asked for by the name that the configuration gives it', async () => {
  const config = '{"version":1,"targets":{"web":{}}}';
  expect((await facts(config, { target: 'web' })).target).toBe('polls');
  expect((await userErrorOf(facts(config, { target: 'worker' }))).code).toBe('unknown-target');
});

test('a source from a workspace that has no such member is known before anything is made', async () => {
  const folder = await makeFolder({ 'pyproject.toml': `${PROJECT}[tool.uv.sources]\nshared = { workspace = true }\n` });
  const error = await userErrorOf(readLocalFacts({ folder, env: {}, logDir: '' }, new RevisionMemory()));
  expect(error).toMatchObject({ code: 'sources-invalid', where: { file: 'pyproject.toml', line: 8 } });
});
