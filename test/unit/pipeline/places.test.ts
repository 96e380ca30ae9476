/** What compilers, Python and pip really say in a container, and the line of the project that it is about. */
import { describe, expect, test } from 'vitest';
import { complaintIn, frameIn, placeOfBackend, placeOfRequirement } from '../../../src/core/pipeline/stages/places.js';
import { explainAbsent, explainUnfit } from '../../../src/core/pipeline/stages/release-failures.js';
import { inProject } from '../../../src/core/project/container-paths.js';

const FILES = new Set(['setup.py', 'src/polls/settings.py', 'ext/fast.c', 'ext/fast.pyx', 'src/lib.rs', 'app/views.py']);
const locate = (path: string): string | undefined => inProject(path).find((file) => FILES.has(file));

describe('a path in a container', () => {
  test.each([
    ['/src/polls/views.py', ['polls/views.py']],
    ['/application/site/urls.py', ['site/urls.py']],
    ['/appenv/lib/python3.13/site-packages/polls/settings.py', ['polls/settings.py', 'src/polls/settings.py']],
    ['./ext/fast.c', ['ext/fast.c']],
    ['../../ext/fast.c', ['ext/fast.c']],
    ['build/lib.linux-x86_64-cpython-313/polls/x.py', ['polls/x.py', 'src/polls/x.py']],
    ['/usr/include/python3.13/Python.h', []],
    ['/src/../etc/passwd', []],
    ['/tmp/pip-install-1/x/setup.py', []],
  ])('%s', (path, files) => {
    expect(inProject(path)).toEqual(files);
  });

  test('in a repository that is given whole', () => {
    expect(inProject('/src/services/polls/setup.py', 'services/polls')[0]).toBe('setup.py');
  });
});

describe('a compiler', () => {
  test.each([
    ['gcc', 'ext/fast.c:3:5: error: expected ‘;’ before ‘}’ token', { file: 'ext/fast.c', line: 3, column: 5 }, 'expected ‘;’ before ‘}’ token'],
    [
      'gcc, a header',
      '/src/ext/fast.c:2:10: fatal error: nope.h: No such file or directory',
      { file: 'ext/fast.c', line: 2, column: 10 },
      'nope.h: No such file or directory',
    ],
    [
      'Cython',
      'Error compiling Cython file:\n---\next/fast.pyx:12:4: undeclared name not builtin: foo',
      { file: 'ext/fast.pyx', line: 12, column: 4 },
      'undeclared name not builtin: foo',
    ],
    [
      'rustc',
      'error[E0425]: cannot find value `x` in this scope\n --> src/lib.rs:7:9\n',
      { file: 'src/lib.rs', line: 7, column: 9 },
      'cannot find value `x` in this scope',
    ],
    [
      'gcc, in a header of somebody else',
      'In file included from /usr/include/a.h:1,\n                 from ext/fast.c:4:\n/usr/include/b.h:9:2: error: #error "no"\n',
      { file: 'ext/fast.c', line: 4 },
      '#error "no"',
    ],
  ])('%s', (_name, log, place, text) => {
    expect(complaintIn(log.split('\n'), locate)).toEqual({ place, text });
  });

  test('that speaks of files of others, or only warns, says nothing of the project', () => {
    const log = '/tmp/build/x.c:3:5: error: no\next/fast.c:3:5: warning: unused variable\n12:04:05: error: a clock';
    expect(complaintIn(log.split('\n'), locate)).toBeUndefined();
  });
});

test('the last frame in the project, also of a file that cannot be compiled', () => {
  const log = `Traceback (most recent call last):
  File "/appenv/lib/python3.13/site-packages/polls/settings.py", line 12, in <module>
    check()
  File "/appenv/lib/python3.13/site-packages/django/conf/__init__.py", line 81, in check
RuntimeError: no`;
  expect(frameIn(log.split('\n'), locate)).toEqual({ file: 'src/polls/settings.py', line: 12 });
  expect(frameIn(['  File "/application/app/views.py", line 3', '    def (', 'SyntaxError: invalid syntax'], locate)).toEqual({
    file: 'app/views.py',
    line: 3,
  });
  expect(frameIn(['  File "/usr/lib/python3/x.py", line 3'], locate)).toBeUndefined();
});

const PYPROJECT = `[build-system]
requires = [
  "setuptools>=61", # not "six"
  "Cython_Thing==3"
]
build-backend = "setuptools.build_meta"

[project]
name = "polls"
keywords = ["six"]
dependencies = [
  # "six",
  "Django>=5",
  'six[extra] >=1',
]

[project.optional-dependencies]
test = ["pytest-cov"]

[tool.poetry.group.dev.dependencies]
black = "^24"
`;

describe('a requirement', () => {
  const texts = [
    { file: 'pyproject.toml', text: PYPROJECT },
    { file: 'requirements.txt', text: '-r other.txt\n# requests\nrequests==2 \\\n  --hash=sha256:1\nzope.interface\n' },
    { file: 'setup.py', text: 'setup(\n  install_requires=["lxml>4"],\n)\n' },
    { file: 'setup.cfg', text: '[options]\ninstall_requires =\n    attrs>1\n' },
    { file: 'pypackage.json', text: '{\n  "version": 1,\n  "defaults": { "systemPackages": { "build": [\n    "libnope-dev"] } } }\n' },
  ];
  test.each([
    ['six', false, { file: 'pyproject.toml', line: 14 }],
    ['django', false, { file: 'pyproject.toml', line: 13 }],
    ['pytest_cov', false, { file: 'pyproject.toml', line: 18 }],
    ['black', false, { file: 'pyproject.toml', line: 21 }],
    ['cython-thing', true, { file: 'pyproject.toml', line: 4 }],
    ['setuptools', false, undefined],
    ['six', true, undefined],
    ['requests', false, { file: 'requirements.txt', line: 3 }],
    ['zope-interface', false, { file: 'requirements.txt', line: 5 }],
    ['lxml', false, { file: 'setup.py', line: 2 }],
    ['attrs', false, { file: 'setup.cfg', line: 3 }],
    ['libnope-dev', false, { file: 'pypackage.json', line: 4 }],
    ['nowhere', false, undefined],
  ])('%s (build: %s)', (name, build, place) => {
    expect(placeOfRequirement(texts, name, build)).toEqual(place);
  });

  test('and the backend', () => {
    expect(placeOfBackend(texts, 'setuptools.build_meta')).toEqual({ file: 'pyproject.toml', line: 6 });
    expect(placeOfBackend(texts, 'flit_core.buildapi')).toBeUndefined();
  });
});

describe('a step of a Dockerfile that the project is to blame for', () => {
  const step = { file: 'Dockerfile.builder', line: 9, what: 'the step that failed' };
  const place = { file: 'pyproject.toml', line: 4 };

  test('a build requirement that no index has', () => {
    const log = [
      'ERROR: Could not find a version that satisfies the requirement nope>1 (from versions: none)',
      'ERROR: No matching distribution found for nope>1',
    ];
    expect(explainAbsent(log, step, (name, build) => (name === 'nope' && build ? place : undefined))).toMatchObject({
      code: 'build-requirement-missing',
      message: 'The package index has no nope>1, which the build needs',
      where: place,
      related: [step],
    });
    expect(explainAbsent(log, step, () => undefined)).toMatchObject({ where: { file: 'Dockerfile.builder', line: 9 }, related: [] });
  });

  test('a Debian package that does not exist', () => {
    expect(
      explainAbsent(['Reading package lists...', 'E: Unable to locate package libnope-dev'], step, (_name, build) => (build ? undefined : place)),
    ).toMatchObject({
      code: 'system-package-missing',
      message: 'The distribution of the base image has no package libnope-dev',
      where: place,
      fix: 'Correct its name under systemPackages in pypackage.json',
    });
  });

  test('a release that lacks a module', () => {
    const log = ['this release cannot work: polls cannot be imported, there is no module six.moves'];
    expect(explainUnfit(log, step, (name) => (name === 'six' ? place : undefined))).toMatchObject({
      code: 'release-import-failed',
      where: place,
      related: [step],
    });
  });
});
