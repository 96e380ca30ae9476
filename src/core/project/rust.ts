/** Which Rust a project's own build needs: maturin and setuptools-rust call cargo. Dependencies are not looked at. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Place } from '../errors.js';
import { requirementName } from './names.js';
import type { RustFacts } from './project.js';
import { isTable, lineOf, parseToml, type TomlTable } from './toml.js';

const BACKENDS: ReadonlySet<string> = new Set(['maturin', 'setuptools-rust']);
/** The first Rust that knows an edition. https://doc.rust-lang.org/edition-guide/ */
const EDITIONS: Readonly<Record<string, string>> = { '2018': '1.31', '2021': '1.56', '2024': '1.85' };

interface Manifest {
  /** Relative to the project's folder. */
  readonly file: string;
  readonly text: string;
  readonly table: TomlTable;
}

/** undefined where nothing of Rust is built, or no manifest says which. */
export async function detectRust(
  root: string,
  requires: readonly string[],
  pyproject: TomlTable | undefined,
  setupPy: string | undefined,
): Promise<RustFacts | undefined> {
  if (!requires.some((requirement) => BACKENDS.has(requirementName(requirement) ?? ''))) return undefined;
  const workspace = await readManifest(root, 'Cargo.toml');
  for (const file of manifestPaths(pyproject, setupPy)) {
    const manifest = file === 'Cargo.toml' ? workspace : await readManifest(root, file);
    const found = manifest && (versionIn(manifest, 'package', workspace) ?? editionIn(manifest, workspace));
    if (found) return found;
  }
  return workspace && versionIn(workspace, 'workspace.package', undefined);
}

/** Where the extension's manifest is said to be, then where it lies by habit. */
function manifestPaths(pyproject: TomlTable | undefined, setupPy: string | undefined): readonly string[] {
  const tool = tableIn(pyproject, 'tool');
  const maturin = tableIn(tool, 'maturin')?.['manifest-path'];
  const modules = tableIn(tool, 'setuptools-rust')?.['ext-modules'];
  const listed = Array.isArray(modules) ? modules.map((item: unknown) => (isTable(item) ? item['path'] : undefined)) : [];
  const called = [...(setupPy ?? '').matchAll(/['"]([\w./-]*Cargo\.toml)['"]/g)].map((match) => match[1]);
  const said = [maturin, ...listed, ...called].filter((value): value is string => typeof value === 'string').map((value) => path.posix.normalize(value));
  return [...new Set([...said, 'Cargo.toml', 'rust/Cargo.toml', 'src/rust/Cargo.toml'])].filter((file) => !file.startsWith('..') && !file.startsWith('/'));
}

async function readManifest(root: string, file: string): Promise<Manifest | undefined> {
  const text = await readFile(path.join(root, file), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return { file, text, table: parseToml(text, { file, code: 'cargo-invalid' }) };
  } catch {
    // cargo says what is wrong with it
    return undefined;
  }
}

function versionIn(manifest: Manifest, table: 'package' | 'workspace.package', workspace: Manifest | undefined): RustFacts | undefined {
  const keys = [...table.split('.'), 'rust-version'];
  const value = valueAt(manifest, keys);
  if (typeof value === 'string') return { version: value, says: `rust-version ${value}`, place: placeAt(manifest, keys) };
  return isInherited(value) && workspace ? versionIn(workspace, 'workspace.package', undefined) : undefined;
}

function editionIn(manifest: Manifest, workspace: Manifest | undefined): RustFacts | undefined {
  const own = valueAt(manifest, ['package', 'edition']);
  const from = isInherited(own) ? workspace : manifest;
  const keys = from === manifest ? ['package', 'edition'] : ['workspace', 'package', 'edition'];
  const edition = from && valueAt(from, keys);
  const version = typeof edition === 'string' ? EDITIONS[edition] : undefined;
  return from && version !== undefined ? { version, says: `edition ${String(edition)}`, place: placeAt(from, keys) } : undefined;
}

/** `rust-version.workspace = true` */
function isInherited(value: unknown): boolean {
  return isTable(value) && value['workspace'] === true;
}

function valueAt({ table }: Manifest, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((at, key) => (isTable(at) ? at[key] : undefined), table);
}

function placeAt({ file, text }: Manifest, keys: readonly string[]): Place {
  const line = lineOf(text, keys);
  return { file, ...(line !== undefined && { line }) };
}

function tableIn(table: TomlTable | undefined, key: string): TomlTable | undefined {
  const value = table?.[key];
  return isTable(value) ? value : undefined;
}
