import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/core/errors.js';
import { createMarkerTest } from '../../../src/core/locks/markers.js';
import { PYTHON_313 } from './environment.js';

const PLACE = { file: 'uv.lock', line: 7 };

describe('markers', () => {
  // What the `packaging` library says of the same markers in the same environment.
  test.each<[string, boolean]>([
    ["python_version < '3.10'", false],
    ["python_version >= '3.9'", true],
    ["'3.9' < python_version", true],
    ["python_version in '3.12 3.13'", true],
    ["python_version not in '3.12, 3.13'", false],
    ["python_version == '3.13.*'", true],
    ["python_version ~= '3.9'", true],
    ["python_full_version < '3.13.6'", true],
    ["python_full_version == '3.13.*'", true],
    ["python_full_version > '3.13'", true],
    ["sys_platform == 'linux'", true],
    ["sys_platform != 'win32' and os_name == 'posix'", true],
    ["sys_platform == 'win32' or platform_machine in 'x86_64 AMD64'", true],
    ["'linux' in sys_platform", true],
    ["(os_name == 'nt' or platform_system == 'Linux') and implementation_name == 'cpython'", true],
    ["platform_python_implementation != 'PyPy'", true],
    ['platform_python_implementation == "CPython"', true],
    ["implementation_version >= '3.13.0'", true],
    ["python_version >= '3.13.0'", true],
    ["sys_platform >= 'a'", false],
    ["sys_platform <= 'linux'", true],
    ["os.name == 'posix'", true],
    ["python_implementation == 'CPython'", true],
    ["platform_release >= '20'", false],
    ["platform_machine == 'arm64'", false],
    ["python_version > '3'", true],
    ["python_version < '3.9.dev0'", false],
    ["os_name == 'nt' and (sys_platform == 'linux' or python_version > '3')", false],
    ['', true],
  ])('%s: %s', (marker, expected) => {
    expect(createMarkerTest(PYTHON_313)(marker, PLACE)).toBe(expected);
  });

  test.each<[string, boolean]>([
    ["extra == 'Socks_x'", true],
    ["'socks.x' == extra", true],
    ["extra == 'other'", false],
    ["extra != 'other' and extra == 'socks-x'", true],
    ["'socks-x' in extras", true],
    ["'other' in extras", false],
    ["'dev' in dependency_groups or 'other' in extras", true],
    ["'dev' not in dependency_groups", false],
  ])('with the extra socks-x and the group dev, %s: %s', (marker, expected) => {
    const holds = createMarkerTest(PYTHON_313, { extras: new Set(['socks-x']), groups: new Set(['dev']) });
    expect(holds(marker, PLACE)).toBe(expected);
  });

  test.each(['python_version', "python_version <> '3'", "unknown == '3'", "os_name ~= 'x'", "python_version >= '3' and", "'x' == extras"])(
    '%s cannot be read, and it is said where',
    (marker) => {
      const judge = () => createMarkerTest(PYTHON_313)(marker, PLACE);
      expect(judge).toThrow(UserError);
      expect(judge).toThrow(expect.objectContaining({ code: 'lock-invalid', where: PLACE }));
    },
  );
});
