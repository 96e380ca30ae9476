/**
 * A front end that has to be built before the wheel: a `package.json`, and a build of Python's that runs its tools or packages its
 * output. Read as text: whether the output is there is all that can be known without running anything.
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DjangoFacts, FrontEndFacts } from './project.js';
import { PYPROJECT } from './pyproject.js';
import { SETUP_PY } from './setuptools.js';
import { isTable, lineOf, lineOfString, type TomlTable } from './toml.js';

/** A program's name as a word of a command: `['npm', …]`, `which('npm')`, `"npm run build"`. */
const RUNS = /['"](?<tool>npm|yarn|pnpm|bun)(?:\.cmd)?(?:['"]|\s+(?:ci|install|i|run|build)\b)/;

interface Output {
  /** Relative to the project's folder. */
  readonly path: string;
  readonly place: FrontEndFacts['place'];
}

interface Hook {
  readonly tool: string;
  readonly place: FrontEndFacts['place'];
  /** Whether switching hatch's hooks off leaves out this one only. */
  readonly isOnlyHook: boolean;
}

export async function detectFrontEnd(
  root: string,
  pyproject: { readonly text: string; readonly table: TomlTable } | undefined,
  django: DjangoFacts | undefined,
): Promise<FrontEndFacts | undefined> {
  const hook = await findHook(root, pyproject);
  const packaged = pyproject ? outputsIn(pyproject) : [];
  const outputs = [...packaged, ...staticOutputs(django)];
  const packageJson = await findPackageJson(root, outputs);
  if (!hook && packageJson === undefined) return undefined;
  const built = await Promise.all(outputs.map(async (output) => ({ output, isThere: await exists(path.join(root, output.path)) })));
  const missing = built.find(({ isThere }) => !isThere)?.output;
  const tool = hook?.tool ?? (packageJson === undefined ? 'npm' : await toolOf(root, packageJson));
  return {
    tool,
    packageJson,
    place: hook?.place ?? missing?.place ?? { file: packageJson ?? PYPROJECT },
    runsIn: hook ? (hook.isOnlyHook ? 'only hook' : 'hook') : undefined,
    missing: missing?.path,
    isOptional: missing !== undefined && !packaged.includes(missing),
    outputs: outputs.map((output) => output.path),
  };
}

function staticOutputs(django: DjangoFacts | undefined): readonly Output[] {
  const { staticDirs = [], managePy, settingsFile } = django ?? {};
  const base = managePy === undefined ? '' : path.posix.dirname(managePy);
  return staticDirs.map((folder) => ({ path: path.posix.join(base, folder), place: { file: settingsFile ?? '' } }));
}

/** The code of the project's own that its backend runs at build. */
async function findHook(root: string, pyproject: { readonly text: string; readonly table: TomlTable } | undefined): Promise<Hook | undefined> {
  for (const { file, isOnlyHook } of hookFiles(pyproject?.table)) {
    const text = await readFile(path.join(root, file), 'utf8').catch(() => undefined);
    const lines = (text ?? '').split('\n');
    const at = lines.findIndex((line) => !/^\s*#/.test(line) && RUNS.test(line));
    const tool = RUNS.exec(lines[at] ?? '')?.groups?.['tool'];
    if (tool !== undefined) return { tool, place: { file, line: at + 1 }, isOnlyHook };
  }
  return undefined;
}

function hookFiles(pyproject: TomlTable | undefined): readonly { readonly file: string; readonly isOnlyHook: boolean }[] {
  const build = at(pyproject, 'tool', 'hatch', 'build');
  const tables = [at(build, 'hooks'), at(build, 'targets', 'wheel', 'hooks')];
  const hooks = tables.flatMap((table) => Object.keys(table ?? {}));
  const hatch = tables.flatMap((table) => {
    const custom = at(table, 'custom');
    if (!custom) return [];
    const file = custom['path'];
    return [{ file: typeof file === 'string' ? file : 'hatch_build.py', isOnlyHook: hooks.length === 1 }];
  });
  const pdm = at(pyproject, 'tool', 'pdm', 'build')?.['custom-hook'];
  const poetry = at(pyproject, 'tool', 'poetry', 'build');
  const others = [typeof pdm === 'string' ? pdm : 'pdm_build.py', poetry?.['script'], SETUP_PY].filter((file) => typeof file === 'string');
  return [...hatch, ...others.map((file) => ({ file, isOnlyHook: false }))];
}

/** What the metadata takes into the wheel by name, so that it must be there: hatch's force-include, jupyter's ensured targets. */
function outputsIn({ text, table }: { readonly text: string; readonly table: TomlTable }): readonly Output[] {
  const included = [
    ['tool', 'hatch', 'build', 'force-include'],
    ['tool', 'hatch', 'build', 'targets', 'wheel', 'force-include'],
  ].flatMap((keys) => Object.keys(at(table, ...keys) ?? {}).map((name) => ({ name, keys })));
  const jupyter = [
    ['tool', 'hatch', 'build', 'hooks', 'jupyter-builder'],
    ['tool', 'hatch', 'build', 'targets', 'wheel', 'hooks', 'jupyter-builder'],
  ].flatMap((keys) => {
    const ensured = at(table, ...keys)?.['ensured-targets'];
    return Array.isArray(ensured) ? ensured.filter((name) => typeof name === 'string').map((name) => ({ name, keys })) : [];
  });
  return [...included, ...jupyter]
    .filter(({ name }) => !path.posix.isAbsolute(name) && !path.posix.normalize(name).startsWith('..'))
    .map(({ name, keys }) => {
      const line = lineOfString(text, lineOf(text, keys), name) ?? lineOf(text, keys);
      return { path: path.posix.normalize(name).replace(/\/$/, ''), place: { file: PYPROJECT, ...(line !== undefined && { line }) } };
    });
}

/** One with a build script: at the root, or in a folder above what is packaged. */
async function findPackageJson(root: string, outputs: readonly Output[]): Promise<string | undefined> {
  const folders = outputs.flatMap((output) => parentsOf(output.path));
  for (const folder of new Set(['', ...folders, 'frontend', 'ui', 'web', 'client'])) {
    const file = path.posix.join(folder, 'package.json');
    const text = await readFile(path.join(root, file), 'utf8').catch(() => undefined);
    if (text !== undefined && hasBuildScript(text)) return file;
  }
  return undefined;
}

function hasBuildScript(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    const scripts = isTable(parsed) ? parsed['scripts'] : undefined;
    return isTable(scripts) && typeof scripts['build'] === 'string';
  } catch {
    return false;
  }
}

async function toolOf(root: string, packageJson: string): Promise<string> {
  const folder = path.join(root, path.dirname(packageJson));
  if (await exists(path.join(folder, 'pnpm-lock.yaml'))) return 'pnpm';
  return (await exists(path.join(folder, 'yarn.lock'))) ? 'yarn' : 'npm';
}

/** `a/b`, `a` for `a/b/c`. */
function parentsOf(file: string): readonly string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/'));
}

function at(table: TomlTable | undefined, ...keys: readonly string[]): TomlTable | undefined {
  let found: unknown = table;
  for (const key of keys) found = isTable(found) ? found[key] : undefined;
  return isTable(found) ? found : undefined;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
