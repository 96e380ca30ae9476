/** What pip 26, setuptools 80 and gcc 12 really wrote, and what a person is told. */
import { describe, expect, test } from 'vitest';
import { LogTail } from '../../../src/core/pipeline/stages/log-tail.js';
import { explainBuild, explainResolve } from '../../../src/core/pipeline/stages/wheel-failures.js';
import type { Project } from '../../../src/core/project/project.js';

const project: Project = {
  root: '/src',
  name: 'polls',
  normalizedName: 'polls',
  version: '1.4.0',
  metadataFile: 'pyproject.toml',
  requiresPython: undefined,
  pythonBounds: [],
  rust: undefined,
  frontEnd: undefined,
  kind: 'package',
  site: undefined,
  processes: [],
  python: { version: '3.13', reason: 'default' },
  buildSystem: { requires: [], backend: 'nowhere.api', backendPath: [] },
  dependencies: [],
  extras: new Map(),
  extrasPlace: { file: 'pyproject.toml' },
  django: undefined,
  application: undefined,
  lockFiles: [],
};

function tailOf(text: string): LogTail {
  const tail = new LogTail();
  for (const line of text.split('\n')) tail.push(line);
  return tail;
}

describe('resolving', () => {
  test.each([
    [
      'a name that no index has',
      `ERROR: Could not find a version that satisfies the requirement no-such-thing (from versions: none)
ERROR: No matching distribution found for no-such-thing`,
      { code: 'dependency-missing', message: 'The package index has no no-such-thing', where: { file: 'pyproject.toml' } },
    ],
    [
      'a version that does not exist',
      `ERROR: Ignored the following yanked versions: 1.0
ERROR: Could not find a version that satisfies the requirement six==99 (from versions: 0.9.0, 0.9.1, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.16.0, 1.17.0)
ERROR: No matching distribution found for six==99`,
      { code: 'dependency-missing', message: 'No version of six==99 fits', why: 'there are 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.16.0, 1.17.0' },
    ],
    [
      'a conflict',
      `ERROR: Cannot install six==1.16.0 and six==1.17.0 because these package versions have conflicting dependencies.
ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/#dealing-with-dependency-conflicts`,
      { code: 'dependencies-conflict', message: 'The dependencies contradict each other: six==1.16.0 and six==1.17.0 cannot be installed together' },
    ],
    [
      'a certificate that is not trusted',
      `WARNING: Retrying (Retry(total=4, connect=None, read=None, redirect=None, status=None)) after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:992)'))': /simple/six/
ERROR: Could not find a version that satisfies the requirement six (from versions: none)
ERROR: No matching distribution found for six`,
      { code: 'index-certificate', fix: "Set SSL_CERT_FILE to the network's bundle of authorities: it reaches the builder while it runs and no image" },
    ],
    [
      'an index that does not answer',
      `WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'ReadTimeoutError("HTTPSConnectionPool(host='index.example', port=443): Read timed out. (read timeout=15)")': /simple/six/
WARNING: Could not fetch URL https://index.example/simple/six/: index.example didn't respond within 15 seconds - skipping
ERROR: Could not find a version that satisfies the requirement six (from versions: none)
ERROR: No matching distribution found for six`,
      { code: 'index-timeout', message: 'The package index at index.example did not answer in time', why: 'It was waited 15 s for an answer, each time' },
    ],
    [
      'an index that is down',
      `WARNING: Could not fetch URL https://u:****@index.example:8443/simple/six/: 502 Server Error: Bad Gateway for url: https://index.example:8443/simple/six/ - skipping
ERROR: No matching distribution found for six`,
      { code: 'index-failing', message: 'The package index at index.example:8443 answers with an error: 502 Bad Gateway' },
    ],
    [
      'an index that is slow, beside one that has it',
      `WARNING: Could not fetch URL https://slow.example/simple/six/: slow.example didn't respond within 15 seconds - skipping
ERROR: Could not find a version that satisfies the requirement six==99 (from versions: 1.16.0, 1.17.0)
ERROR: No matching distribution found for six==99`,
      { code: 'dependency-missing', message: 'No version of six==99 fits' },
    ],
    [
      'no network',
      `WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/six/
ERROR: Could not find a version that satisfies the requirement six (from versions: none)
ERROR: No matching distribution found for six`,
      { code: 'index-unreachable' },
    ],
    [
      'a header that is missing',
      `  Building wheel for mysqlclient (pyproject.toml): finished with status 'error'
      src/MySQLdb/_mysql.c:29:10: fatal error: mysql.h: No such file or directory
         29 | #include "mysql.h"
      compilation terminated.
      error: command '/usr/bin/x86_64-linux-gnu-gcc' failed with exit code 1
      [end of output]
  ERROR: Failed building wheel for mysqlclient
ERROR: Failed to build one or more wheels`,
      {
        code: 'compile-missing-file',
        message: 'mysqlclient does not compile: mysql.h is missing',
        why: "the builder image lacks Debian's default-libmysqlclient-dev",
      },
    ],
    [
      'a header that nobody knows',
      `      native.c:1:10: fatal error: graphviz/cgraph.h: No such file or directory
  ERROR: Failed building wheel for pygraphviz`,
      {
        code: 'compile-missing-file',
        message: 'pygraphviz does not compile: graphviz/cgraph.h is missing',
        fix: 'Use a base image that has it, with --base-image',
        remedy: undefined,
      },
    ],
    [
      'a program that is missing',
      `      Error: pg_config executable not found.
ERROR: Failed to build 'psycopg2' when getting requirements to build wheel`,
      {
        code: 'compile-missing-file',
        message: 'psycopg2 does not compile: pg_config is missing',
        fix: 'pypackage fix adds libpq-dev to pypackage.json; then run again',
        remedy: { kind: 'system-packages', use: 'build', packages: ['libpq-dev'] },
      },
    ],
    [
      'a compiler error of another kind',
      `  Building wheel for old-thing (pyproject.toml): started
      thing.c:12:5: error: implicit declaration of function 'PyUnicode_GET_SIZE'
      error: command '/usr/bin/gcc' failed with exit code 1
  ERROR: Failed building wheel for old-thing`,
      { code: 'dependency-build-failed', message: "old-thing does not build: implicit declaration of function 'PyUnicode_GET_SIZE'" },
    ],
    [
      'a build that raises',
      `  error: subprocess-exited-with-error
  × Getting requirements to build wheel did not run successfully.
  │ exit code: 1
  ╰─> [19 lines of output]
      Traceback (most recent call last):
        File "<string>", line 1, in <module>
      RuntimeError: this platform is not for me
      [end of output]
  note: This error originates from a subprocess, and is likely not a problem with pip.
ERROR: Failed to build 'some-thing' when getting requirements to build wheel`,
      { code: 'dependency-build-failed', message: 'some-thing does not build: RuntimeError: this platform is not for me' },
    ],
    [
      'anything else',
      'ERROR: Double requirement given: a\n\n',
      { code: 'resolve-failed', message: 'The dependencies cannot be prepared: ERROR: Double requirement given: a' },
    ],
    ['silence', '', { code: 'resolve-failed', message: 'The dependencies cannot be prepared: pip ended with exit code 7' }],
  ])('%s', (_name, log, expected) => {
    const error = explainResolve({ project, exitCode: 7, tail: tailOf(log) });
    expect(error).toMatchObject({ kind: 'stage', ...expected });
    expect(error.fix).toBeDefined();
  });
});

describe("the application's wheel", () => {
  test.each([
    [
      'packages that setuptools cannot tell apart',
      "error: Multiple top-level packages discovered in a flat-layout: ['data', 'polls'].",
      {
        code: 'packages-ambiguous',
        message: expect.stringMatching(/^setuptools cannot tell which packages belong to .+: there are data, polls$/),
        fix: expect.stringMatching(/\[tool\.setuptools\.packages\.find\] with include = \["\w+\*"\]$/),
      },
    ],
    [
      'a front end that is built with what is not there',
      "error: [Errno 2] No such file or directory: 'npm'",
      { code: 'front-end-tool-missing', message: expect.stringMatching(/calls npm, which the builder does not have$/) },
    ],
    [
      'a backend that cannot be loaded',
      "the build backend nowhere.api cannot be loaded: No module named 'nowhere'",
      {
        code: 'backend-missing',
        message: 'The build backend nowhere.api cannot be loaded',
        why: "No module named 'nowhere'",
        where: { file: 'pyproject.toml' },
      },
    ],
    [
      'a header that is missing',
      'polls/fast.c:2:10: fatal error: libpq-fe.h: No such file or directory',
      { code: 'compile-missing-file', message: 'polls does not compile: libpq-fe.h is missing', why: "the builder image lacks Debian's libpq-dev" },
    ],
    [
      'what else the backend raises',
      'Traceback (most recent call last):\n  File "x"\nValueError: Unable to determine which files to ship\n',
      {
        code: 'wheel-build-failed',
        message: 'polls does not build: ValueError: Unable to determine which files to ship',
        why: 'nowhere.api ended with exit code 1',
      },
    ],
    [
      'a command of the user',
      'make: nothing\nthe build command ended with exit code 2',
      { code: 'build-command-failed', message: 'The build command of polls ended with exit code 2' },
    ],
    [
      'where it raised',
      'the build backend nowhere.api failed in build_wheel at setup.py:12: ValueError: no such extension',
      {
        code: 'wheel-build-failed',
        message: 'polls does not build: ValueError: no such extension',
        where: { file: 'setup.py', line: 12 },
        why: 'nowhere.api failed in build_wheel',
      },
    ],
    ['silence', '', { code: 'wheel-build-failed', message: 'polls does not build: nowhere.api ended with exit code 1' }],
  ])('%s', (_name, log, expected) => {
    expect(explainBuild({ project, exitCode: 1, tail: tailOf(log) })).toMatchObject({ kind: 'stage', ...expected });
  });
});
