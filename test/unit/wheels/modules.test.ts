import { describe, expect, test } from 'vitest';
import { topLevelModules } from '../../../src/core/wheels/modules.js';

describe('modules that a wheel brings', () => {
  test.each([
    ['a package', ['app/__init__.py', 'app/views.py', 'app/sub/__init__.py', 'app-1.0.dist-info/METADATA'], ['app']],
    ['a module, and an extension beside it', ['six.py', '_speed.cpython-313-x86_64-linux-gnu.so', '_limited.abi3.so'], ['_limited', '_speed', 'six']],
    ['a package whose __init__ is compiled', ['fast/__init__.cpython-311-x86_64-linux-gnu.so'], ['fast']],
    [
      'namespaces',
      ['google/cloud/store/__init__.py', 'google/cloud/_raw.so', 'google/api/__init__.py'],
      ['google.api', 'google.cloud._raw', 'google.cloud.store'],
    ],
    ['a namespace of modules', ['plugins/one.py', 'plugins/two.py', 'plugins/deep/three.py'], ['plugins']],
    ['what .data brings', ['app-1.0.data/purelib/app/__init__.py', 'app-1.0.data/scripts/run.py', 'app-1.0.data/data/share/x.py'], ['app']],
    ['nothing that is no module', ['app-stubs/__init__.pyi', 'docs/index.html', 'not-a-name.py', 'x/__pycache__/y.cpython-313.pyc', '__editable__.py'], []],
  ])('%s', (_, paths, modules) => {
    expect(topLevelModules(paths)).toEqual(modules);
  });
});
