// A project whose build backend prints as much as it is told to, at full speed, and one that is large.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

export const MB = 1_000_000;

const BACKEND = `import os, sys, zipfile

MEGABYTES = %MEGABYTES%

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    block = (b'x' * 99 + b'\\n') * 10_000
    for _ in range(MEGABYTES):
        sys.stdout.buffer.write(block)
    sys.stdout.buffer.flush()
    name = 'flood-1.0-py3-none-any.whl'
    with zipfile.ZipFile(os.path.join(wheel_directory, name), 'w') as wheel:
        wheel.writestr('flood.py', '')
        wheel.writestr('flood-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: flood\\nVersion: 1.0\\n')
        wheel.writestr('flood-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: flood\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        wheel.writestr('flood-1.0.dist-info/RECORD', '')
    return name
`;

const PYPROJECT = `[project]
name = "flood"
version = "1.0"

[build-system]
requires = []
build-backend = "flood_backend"
backend-path = ["."]
`;

/** Every call makes it new to whoever packages it. */
export function writeFlood(folder, megabytes) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'pyproject.toml'), PYPROJECT);
  writeFileSync(join(folder, 'flood_backend.py'), `# ${randomBytes(8).toString('hex')}\n${BACKEND.replace('%MEGABYTES%', String(megabytes))}`);
}

/** 300 MB: one file of 200 MB, four of 15 MB, and 20,000 small ones. Returns the bytes. */
export function writeLarge(folder) {
  rmSync(folder, { recursive: true, force: true });
  writeFlood(folder, 0);
  const block = randomBytes(MB);
  const big = (name, megabytes) => {
    for (let at = 0; at < megabytes; at++) {
      block.writeUInt32LE(at);
      writeFileSync(join(folder, name), block, { flag: 'a' });
    }
  };
  big('huge.bin', 200);
  for (let at = 0; at < 4; at++) big(`large-${at}.bin`, 15);
  for (let at = 0; at < 100; at++) {
    const small = join(folder, 'small', String(at));
    mkdirSync(small, { recursive: true });
    for (let file = 0; file < 200; file++) writeFileSync(join(small, `${file}.txt`), `${at} ${file}\n`.repeat(300).slice(0, 2000));
  }
  return 300 * MB;
}
