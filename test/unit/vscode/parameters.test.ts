import { describe, expect, test } from 'vitest';
import { ARGUMENTS, COMMAND_SPECS } from '../../../src/vscode/commands/command-specs.js';
import { parseGiven } from '../../../src/vscode/commands/parameters.js';

const { stages, force, upgrade } = ARGUMENTS;

function build(argument: unknown): unknown {
  const given = parseGiven('pypackage.build', COMMAND_SPECS['pypackage.build'].takes, argument);
  return { path: given.path, target: given.target, stages: given.get(stages), force: given.get(force) };
}
const lock = (argument: unknown): unknown => parseGiven('pypackage.lock', COMMAND_SPECS['pypackage.lock'].takes, argument).get(upgrade);
const nothing = { path: undefined, target: undefined, stages: undefined, force: undefined };

describe('what a command is given', () => {
  test.each([
    ['nothing', undefined, nothing],
    ['null, as a key binding without args may send', null, nothing],
    ['a path', '/home/me/polls', { ...nothing, path: '/home/me/polls' }],
    ['a Uri', { scheme: 'file', path: '/home/me/polls', fsPath: '/home/me/polls', query: '' }, { ...nothing, path: '/home/me/polls' }],
    ['a Uri that was made into JSON', { $mid: 1, scheme: 'file', path: '/home/me/polls' }, { ...nothing, path: '/home/me/polls' }],
    [
      'a document that shows a recipe',
      { scheme: 'pypackage', path: '/polls/Dockerfile.base', fsPath: '/polls/Dockerfile.base', query: '/home/me/polls' },
      { ...nothing, path: '/home/me/polls' },
    ],
    ['an empty object', {}, nothing],
    ['an object', { project: '/p', target: 'web', stages: ['wheels'], force: true }, { path: '/p', target: 'web', stages: ['wheels'], force: true }],
    ['an object with a Uri', { project: { scheme: 'file', path: '/p', fsPath: '/p' } }, { ...nothing, path: '/p' }],
    ['a field that is there and undefined', { stages: undefined }, nothing],
  ])('%s', (_, given, expected) => {
    expect(build(given)).toEqual(expected);
  });

  test.each([
    [{ stages: 'wheels' }, "pypackage.build cannot use stages: it is not of the type ('base' | 'builder' | 'wheels' | 'release')[]"],
    [{ stages: [] }, 'pypackage.build cannot use stages'],
    [{ stages: ['wheels', 'whels'] }, 'pypackage.build cannot use stages'],
    [{ force: 'yes' }, 'pypackage.build cannot use force: it is not of the type boolean'],
    [{ project: 7 }, 'pypackage.build cannot use project'],
    [{ project: { scheme: 'vscode-vfs', path: '/x' } }, 'pypackage.build cannot use project'],
    [{ target: '' }, 'pypackage.build cannot use target'],
    [{ stage: ['wheels'] }, 'pypackage.build has no argument stage'],
    [{ toString: true }, 'pypackage.build has no argument toString'],
    [7, 'pypackage.build cannot use its argument'],
    [['/p'], 'pypackage.build cannot use its argument'],
  ])('%j is refused, by name', (given, message) => {
    expect(() => build(given)).toThrow(expect.objectContaining({ code: 'argument-invalid', message: expect.stringContaining(message) }));
  });

  test('of an argument that is not known the known ones are told', () => {
    expect(() => build({ stage: [] })).toThrow(expect.objectContaining({ why: 'It takes project, target, stages, force' }));
  });

  test.each([
    [{ upgrade: 'all' }, 'all'],
    [{ upgrade: 'nothing' }, 'nothing'],
    [{ upgrade: ['django', ' redis '] }, ['django', 'redis']],
  ])('one of some words, or a list: %j', (given, upgrade) => {
    expect(lock(given)).toEqual(upgrade);
  });

  test.each([{ upgrade: 'django' }, { upgrade: [] }, { upgrade: ['django', 1] }])('neither: %j', (given) => {
    expect(() => lock(given)).toThrow(
      expect.objectContaining({ message: "pypackage.lock cannot use upgrade: it is not of the type 'all' | 'nothing' | string[]" }),
    );
  });

  describe('rows of a view', () => {
    const rows = [
      { row: 'stage', project: '/p', stages: ['wheels'] },
      { row: 'stage', project: '/p', stages: ['release'] },
      { row: 'target', project: '/p' },
    ];
    const given = (argument: unknown, selection: readonly unknown[] = rows): readonly unknown[] =>
      parseGiven('pypackage.build', COMMAND_SPECS['pypackage.build'].takes, argument, selection).all(stages);

    test('a menu hands over the one and all that are selected', () => {
      expect(given(rows[0])).toEqual([['wheels'], ['release']]);
      expect(given(rows[0], [])).toEqual([['wheels']]);
    });

    test('a key says the view, whose selection stands for what is meant', () => {
      expect(given({ selectedIn: 'pypackage.targets' })).toEqual([['wheels'], ['release']]);
      expect(given({ selectedIn: 'pypackage.targets' }, [])).toEqual([]);
      expect(parseGiven('pypackage.build', [stages], { selectedIn: 'pypackage.targets' }, rows)).toMatchObject({ path: '/p' });
    });
  });
});
