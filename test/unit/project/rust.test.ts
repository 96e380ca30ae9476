import { describe, expect, test } from 'vitest';
import { isOlder, suiteWithRust } from '../../../src/core/images/rust-versions.js';
import { detectProject } from '../../../src/core/project/detect.js';
import type { RustFacts } from '../../../src/core/project/project.js';
import { makeFolder } from './folder.js';

const pyproject = (requires: string, more = ''): string =>
  `[build-system]\nrequires = ["${requires}"]\nbuild-backend = "maturin"\n[project]\nname = "a"\nversion = "1"\n${more}`;
const rustOf = async (files: Record<string, string>): Promise<RustFacts | undefined> => (await detectProject(await makeFolder(files))).rust;

describe('the Rust that a build needs', () => {
  test('of the manifest beside', async () => {
    expect(await rustOf({ 'pyproject.toml': pyproject('maturin>=1'), 'Cargo.toml': '[package]\nname = "a"\nrust-version = "1.74"\n' })).toEqual({
      version: '1.74',
      says: 'rust-version 1.74',
      place: { file: 'Cargo.toml', line: 3 },
    });
  });

  test('inherited from a workspace, from the manifest that maturin or setuptools-rust is told', async () => {
    const workspace = '[workspace]\nmembers = ["x"]\n[workspace.package]\nversion = "1"\nrust-version = "1.83.0"\n';
    const member = '[package]\nname = "a"\nrust-version.workspace = true\n';
    const maturin = pyproject('maturin', '[tool.maturin]\nmanifest-path = "x/Cargo.toml"\n');
    const wanted = { version: '1.83.0', place: { file: 'Cargo.toml', line: 5 } };
    expect(await rustOf({ 'pyproject.toml': maturin, 'Cargo.toml': workspace, 'x/Cargo.toml': member })).toMatchObject(wanted);
    const setuptools = pyproject('setuptools_rust', '[[tool.setuptools-rust.ext-modules]]\ntarget = "a"\npath = "./x/Cargo.toml"\n');
    expect(await rustOf({ 'pyproject.toml': setuptools, 'Cargo.toml': workspace, 'x/Cargo.toml': member })).toMatchObject(wanted);
    const called = { 'pyproject.toml': pyproject('setuptools-rust'), 'setup.py': "setup(rust_extensions=[RustExtension('a', 'x/Cargo.toml')])" };
    expect(await rustOf({ ...called, 'Cargo.toml': workspace, 'x/Cargo.toml': member })).toMatchObject(wanted);
  });

  test('an edition has a first Rust that knows it', async () => {
    const cargo = '[package]\nname = "a"\nedition = "2024"\n';
    expect(await rustOf({ 'pyproject.toml': pyproject('maturin'), 'Cargo.toml': cargo })).toMatchObject({ version: '1.85', says: 'edition 2024' });
  });

  test('a crate that is not part of the build, or says nothing, asks for none', async () => {
    expect(await rustOf({ 'pyproject.toml': pyproject('hatchling'), 'Cargo.toml': '[package]\nrust-version = "1.99"\n' })).toBeUndefined();
    expect(await rustOf({ 'pyproject.toml': pyproject('maturin'), 'Cargo.toml': '[package]\nname = "a"\n' })).toBeUndefined();
    expect(await rustOf({ 'pyproject.toml': pyproject('maturin'), 'Cargo.toml': '[package' })).toBeUndefined();
  });
});

test('versions of Rust', () => {
  expect([isOlder('1.63', '1.83.0'), isOlder('1.85', '1.83.0'), isOlder('1.85.0', '1.85.1'), isOlder('1.9', '1.10')]).toEqual([true, false, false, true]);
  expect(suiteWithRust('1.83')).toEqual({ suite: 'trixie', rust: '1.85' });
  expect(suiteWithRust('1.99')).toBeUndefined();
});
