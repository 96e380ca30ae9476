import { describe, expect, test } from 'vitest';
import { type Flags, intentOf, type Invocation, parseArguments } from '../../../src/cli/arguments.js';
import { UserError } from '../../../src/core/errors.js';

const NONE: Flags = { json: false, wait: true, pull: false, offline: false, yes: false, dryRun: false, verbose: false, follow: false, extras: [], groups: [] };

const understood: readonly (readonly [string[], Invocation])[] = [
  [['all'], { verb: 'all', flags: NONE }],
  [['all', '--json'], { verb: 'all', flags: { ...NONE, json: true } }],
  [['--json', 'all'], { verb: 'all', flags: { ...NONE, json: true } }],
  [['all', '--json', '--json'], { verb: 'all', flags: { ...NONE, json: true } }],
  [['all', '--project', 'a b'], { verb: 'all', flags: { ...NONE, project: 'a b' } }],
  [['all', '--project=a=b'], { verb: 'all', flags: { ...NONE, project: 'a=b' } }],
  [['--project', 'status', 'all'], { verb: 'all', flags: { ...NONE, project: 'status' } }],
  [['all', '--project=-x'], { verb: 'all', flags: { ...NONE, project: '-x' } }],
  [['all', '--target', 'web_2'], { verb: 'all', flags: { ...NONE, target: 'web_2' } }],
  [['all', '--base-image', 'python:3.13'], { verb: 'all', flags: { ...NONE, baseImage: 'python:3.13' } }],
  [['all', '--namespace', 'acme'], { verb: 'all', flags: { ...NONE, namespace: 'acme' } }],
  [['all', '--namespace=localhost:5000/acme/web-apps'], { verb: 'all', flags: { ...NONE, namespace: 'localhost:5000/acme/web-apps' } }],
  [['all', '--engine', 'unix:///run/x.sock'], { verb: 'all', flags: { ...NONE, engine: 'unix:///run/x.sock' } }],
  [['all', '--log-dir', 'logs'], { verb: 'all', flags: { ...NONE, logDir: 'logs' } }],
  [
    ['all', '--no-wait', '--pull', '--yes', '--dry-run', '--verbose'],
    { verb: 'all', flags: { ...NONE, wait: false, pull: true, yes: true, dryRun: true, verbose: true } },
  ],
  [['image'], { verb: 'image', flags: NONE }],
  [['image', 'builder'], { verb: 'image', flags: NONE, image: 'builder' }],
  [['image', '--', 'base'], { verb: 'image', flags: NONE, image: 'base' }],
  [['wheels', '--extra', 'a', '--extra=b'], { verb: 'wheels', flags: { ...NONE, extras: ['a', 'b'] } }],
  [['lock'], { verb: 'lock', flags: NONE, upgrade: undefined }],
  [['lock', '--upgrade'], { verb: 'lock', flags: NONE, upgrade: 'all' }],
  [['lock', '--upgrade', 'Django', 'six'], { verb: 'lock', flags: NONE, upgrade: ['Django', 'six'] }],
  [['lock', '--group', 'deploy'], { verb: 'lock', flags: { ...NONE, groups: ['deploy'] }, upgrade: undefined }],
  [['all', '--config', 'ci/pypackage.json'], { verb: 'all', flags: { ...NONE, config: 'ci/pypackage.json' } }],
  [['start', '--port', '0'], { verb: 'start', flags: { ...NONE, port: 0 } }],
  [['start', '--port=65535'], { verb: 'start', flags: { ...NONE, port: 65_535 } }],
  [['logs', '-f', '--tail', '20'], { verb: 'logs', flags: { ...NONE, follow: true, tail: 20 } }],
  [['run'], { verb: 'run', flags: NONE, command: [] }],
  [['run', 'ls', '--json'], { verb: 'run', flags: NONE, command: ['ls', '--json'] }],
  [['run', '--json', 'ls', '--project', 'x'], { verb: 'run', flags: { ...NONE, json: true }, command: ['ls', '--project', 'x'] }],
  [['run', 'python', '-c', 'a=b: c'], { verb: 'run', flags: NONE, command: ['python', '-c', 'a=b: c'] }],
  [['run', 'echo', '', '--', "it's", '$HOME', 'a\nb'], { verb: 'run', flags: NONE, command: ['echo', '', '--', "it's", '$HOME', 'a\nb'] }],
  [['run', '--', '-x', '--json'], { verb: 'run', flags: NONE, command: ['-x', '--json'] }],
  [['run', 'ls', '--help'], { verb: 'run', flags: NONE, command: ['ls', '--help'] }],
  [['run', '--project', 'ls', 'cat'], { verb: 'run', flags: { ...NONE, project: 'ls' }, command: ['cat'] }],
  [['--help'], { verb: 'help' }],
  [['-h'], { verb: 'help' }],
  [['help'], { verb: 'help' }],
  [['help', 'run'], { verb: 'help', topic: 'run' }],
  [['run', '--help'], { verb: 'help', topic: 'run' }],
  [['start', '--tail', '3', '-h'], { verb: 'help', topic: 'start' }],
  [['--version'], { verb: 'version', flags: NONE }],
  [['all', '--version', '--json'], { verb: 'version', flags: { ...NONE, json: true } }],
];

describe('what is typed is understood', () => {
  test.each(understood)('%j', (argv, expected) => {
    expect(parseArguments(argv)).toEqual(expected);
  });
});

const refused: readonly (readonly [string[], string, string])[] = [
  [[], 'No verb was given', 'pypackage all'],
  [['build'], 'Unknown verb: build', 'There is no build; all makes what is not up to date: pypackage all'],
  [['biuld'], 'Unknown verb: biuld', 'There is no build; all makes what is not up to date: pypackage all'],
  [['shell'], 'Unknown verb: shell', 'pypackage run sh'],
  [['wheel'], 'Unknown verb: wheel', 'Did you mean: pypackage wheels'],
  [['statsu'], 'Unknown verb: statsu', 'Did you mean: pypackage status'],
  [['STATUS'], 'Unknown verb: STATUS', 'Did you mean: pypackage status'],
  [['frobnicate'], 'Unknown verb: frobnicate', 'See the verbs with: pypackage --help'],
  [['help', 'runn'], 'Unknown verb: runn', 'Did you mean: pypackage run'],
  [['all', '--jsno'], 'Unknown flag: --jsno', 'Did you mean: --json'],
  [['all', '--config'], '--config needs a value', 'Write --config FILE'],
  [['--frob', 'all'], 'Unknown flag: --frob', 'See: pypackage --help'],
  [['all', '-x'], 'Unknown flag: -x', 'See: pypackage all --help'],
  [['all', '-json'], 'Unknown flag: -json', 'Did you mean: --json'],
  [['run', '-x', 'ls'], 'Unknown flag: -x', 'put -- before a command that begins with a dash'],
  [['all', '--port', '1'], 'all has no --port', '--port belongs to start; see: pypackage all --help'],
  [['start', '--extra', 'x'], 'start has no --extra', '--extra belongs to all, image, wheels, release, lock, status; see: pypackage start --help'],
  [['all', '--project'], '--project needs a value', 'Write --project DIR'],
  [['all', '--project='], '--project needs a value', 'Write --project DIR'],
  [['all', '--project', ''], '--project needs a value', 'Write --project DIR'],
  [['all', '--project', '--json'], '--project needs a value', 'Write --project DIR, or --project=--json where the value begins with a dash'],
  [['all', '--project', 'a', '--project=b'], '--project is given twice', 'Give it once'],
  [['all', '--json=true'], '--json takes no value: --json=true', 'Write --json alone'],
  [['all', 'polls'], 'all takes no argument: polls', 'Use it as: pypackage all'],
  [['all', '--', 'polls'], 'all takes no argument: polls', 'Use it as: pypackage all'],
  [['image', 'base', 'builder'], 'image takes one argument: builder', 'Use it as: pypackage image [base|builder|release]'],
  [['image', 'bulider'], 'Unknown image: bulider', 'Did you mean: pypackage image builder'],
  [['image', 'wheels'], 'Unknown image: wheels', 'The images are base, builder and release'],
  [['wheels', '--'], 'There is no command behind --', 'pypackage wheels -- make wheels'],
  [['start', '--port', '65536'], '--port cannot be: 65536', 'Give a whole number from 0 to 65535'],
  [['start', '--port', '8e3'], '--port cannot be: 8e3', 'Give a whole number from 0 to 65535'],
  [['start', '--port=-1'], '--port cannot be: -1', 'Give a whole number from 0 to 65535'],
  [['logs', '--tail', 'all'], '--tail cannot be: all', 'Give a whole number'],
  [['all', '--target', 'Web'], '--target cannot be: Web', 'small letters'],
  [['all', '--namespace', 'Acme'], '--namespace cannot be: Acme', 'small letters'],
  [['all', '--namespace', 'acme/'], '--namespace cannot be: acme/', 'small letters'],
];

describe('what cannot be meant is refused with the next step', () => {
  test.each(refused)('%j', (argv, message, fix) => {
    const error = thrownBy(() => parseArguments(argv));
    expect({ kind: error.kind, code: error.code, message: error.message }).toEqual({ kind: 'project', code: 'usage', message });
    expect(error.fix).toContain(fix);
  });
});

test.each([
  [['all', '--json'], true],
  [['--json', 'biuld'], true],
  [['run', 'ls', '--json'], false],
  [['run', '--json', 'ls'], true],
  [['run', '--project', 'x', '--json', 'ls'], true],
  [['run', '--', '--json'], false],
  [['wheels', '--', '--json'], false],
  [['all'], false],
])('whether errors are JSON is known before the rest: %j', (argv, expected) => {
  expect(intentOf(argv).json).toBe(expected);
});

function thrownBy(action: () => unknown): UserError {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
