/** From what tasks.json says to what is run, and that the manifest's schema says the same. */
import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json';
import { isSameWork, readTask, TASK_ACTIONS, TASK_TYPE, type TaskWork, workOf } from '../../../src/vscode/tasks/task-definition.js';
import { rootsOfTask } from '../../../src/vscode/tasks/task-project.js';
import { STAGES } from '../../../src/core/pipeline/events.js';

const task = (definition: Readonly<Record<string, unknown>>): TaskWork => workOf(readTask({ type: TASK_TYPE, ...definition }));

test.each<readonly [Record<string, unknown>, TaskWork]>([
  [{ action: 'all' }, { kind: 'run', what: { verb: 'all', stages: ['base', 'builder', 'wheels', 'release'] } }],
  [
    { action: 'all', target: 'web', force: false },
    { kind: 'run', what: { verb: 'all', stages: ['base', 'builder', 'wheels', 'release'], target: 'web' } },
  ],
  [
    { action: 'release', force: true },
    { kind: 'run', what: { verb: 'release', stages: ['release'], force: true } },
  ],
  [{ action: 'image' }, { kind: 'run', what: { verb: 'image', stages: ['base', 'builder', 'release'] } }],
  [
    { action: 'image', image: 'builder' },
    { kind: 'run', what: { verb: 'image', stages: ['builder'] } },
  ],
  [
    { action: 'wheels', command: 'make wheel' },
    { kind: 'run', what: { verb: 'wheels', stages: ['wheels'], buildCommand: ['sh', '-c', 'make wheel'] } },
  ],
  [{ action: 'lock' }, { kind: 'run', what: { verb: 'lock', stages: ['wheels'] } }],
  [
    { action: 'lock', upgrade: false },
    { kind: 'run', what: { verb: 'lock', stages: ['wheels'] } },
  ],
  [
    { action: 'lock', upgrade: true },
    { kind: 'run', what: { verb: 'lock', stages: ['wheels'], upgrade: 'all' } },
  ],
  [
    { action: 'lock', upgrade: ['django'] },
    { kind: 'run', what: { verb: 'lock', stages: ['wheels'], upgrade: ['django'] } },
  ],
  [
    { action: 'start', target: 'web' },
    { kind: 'start', target: 'web' },
  ],
  [{ action: 'stop' }, { kind: 'stop', target: undefined }],
])('%j', (definition, work) => {
  expect(task(definition)).toEqual(work);
});

test.each([
  [{}, '"action" is none of all, image, wheels, release, lock, start, stop'],
  [{ action: 'clean' }, '"action" is none of'],
  [{ action: 'image', image: 'wheels' }, '"image" is none of base, builder, release'],
  [{ action: 'all', upgrade: true }, '"upgrade" says nothing to the action all'],
  [{ action: 'release', command: 'make' }, '"command" says nothing to the action release'],
  [{ action: 'start', force: true }, '"force" says nothing to the action start'],
  [{ action: 'lock', upgrade: [1] }, '"upgrade" is neither true nor a list of packages'],
  [{ action: 'all', force: 'yes' }, '"force" is neither true nor false'],
  [{ action: 'all', project: 3 }, '"project" is not a text'],
  [{ action: 'all', target: '' }, '"target" is not a text'],
])('%j is told what is wrong with it', (definition, message) => {
  expect(() => task(definition)).toThrow(message);
});

test('the schema in the manifest has the same words', () => {
  const [schema, ...others] = manifest.contributes.taskDefinitions;
  expect(others).toEqual([]);
  expect(schema).toMatchObject({ type: TASK_TYPE, required: ['action'] });
  expect(schema?.properties.action.enum).toEqual([...TASK_ACTIONS]);
  expect(schema?.properties.action.enumDescriptions).toEqual(TASK_ACTIONS.map((action) => `%task.action.${action}%`));
  expect(Object.keys(schema?.properties ?? {})).toEqual(['action', 'project', 'target', 'image', 'force', 'upgrade', 'command']);
});

describe('a run that is at work', () => {
  test('is the same as one that asks for the same, and no other', () => {
    const all = task({ action: 'all' });
    const build = { verb: 'all', stages: [...STAGES] } as const;
    if (all.kind !== 'run') throw new Error('is a run');
    expect(isSameWork(all.what, build)).toBe(true);
    expect(isSameWork(all.what, { ...build, force: true })).toBe(false);
    expect(isSameWork(all.what, { ...build, target: 'web' })).toBe(false);
    expect(isSameWork(all.what, { verb: 'wheels', stages: ['wheels'] })).toBe(false);
  });
});

test('a project is looked for in the folder of the task, or in each of the workspace', () => {
  expect(rootsOfTask(['/w/shop'], undefined)).toEqual(['/w/shop']);
  expect(rootsOfTask(['/w/shop', '/w/blog'], 'apps/polls/')).toEqual(['/w/shop/apps/polls', '/w/blog/apps/polls']);
  expect(rootsOfTask(['/w/shop'], '/w/blog/')).toEqual(['/w/blog']);
});
