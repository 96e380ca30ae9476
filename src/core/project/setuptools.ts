/** Metadata of projects without `[project]`: setup.cfg, and setup.py read as text. */
import type { Place } from '../errors.js';
import { checkRequirement, checkRequiresPython, checkVersion, type Metadata } from './metadata.js';
import { isValidName, normalizeName } from './names.js';
import { parseSpecifiers } from './specifiers.js';
import type { BuildSystem } from './project.js';

interface IniValue {
  readonly value: string;
  /** 1-based. */
  readonly line: number;
}

type Ini = ReadonlyMap<string, ReadonlyMap<string, IniValue>>;

/** As Python's configparser reads it: continuation lines are indented, comments have a line of their own, keys ignore case. */
export function parseIni(text: string, lowerKeys = true): Ini {
  const sections = new Map<string, Map<string, IniValue>>();
  let section: Map<string, IniValue> | undefined;
  let key: string | undefined;
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    if (/^\s*[#;]/.test(raw)) continue;
    const header = /^\[([^\]]+)\]/.exec(raw);
    if (header) {
      const name = (header[1] ?? '').trim();
      section = sections.get(name) ?? new Map<string, IniValue>();
      sections.set(name, section);
      key = undefined;
      continue;
    }
    if (!section) continue;
    const current = key === undefined ? undefined : section.get(key);
    if (/^\s+\S/.test(raw) && key !== undefined && current) {
      section.set(key, { value: `${current.value}\n${raw.trim()}`, line: current.line });
      continue;
    }
    const pair = /^\s*([^=:]+?)\s*[=:]\s*(.*)$/.exec(raw);
    if (!pair) {
      if (raw.trim() !== '') key = undefined;
      continue;
    }
    key = lowerKeys ? (pair[1] ?? '').toLowerCase() : (pair[1] ?? '');
    section.set(key, { value: (pair[2] ?? '').trim(), line: i + 1 });
  }
  return sections;
}

export const SETUP_CFG = 'setup.cfg';
export const SETUP_PY = 'setup.py';

/**
 * `[metadata]` and `[options]` of setup.cfg; undefined when it names no project. A setup.py that passes anything to
 * `setup()` wins over setup.cfg, so beside one only the name is taken.
 */
export function readSetupCfg(text: string, setupPy: string | undefined, buildSystem: BuildSystem): Metadata | undefined {
  const ini = parseIni(text);
  const get = (section: string, key: string): IniValue | undefined => ini.get(section)?.get(key) ?? ini.get(section)?.get(key.replaceAll('_', '-'));
  const name = get('metadata', 'name');
  if (!name || !isValidName(name.value)) return undefined;
  const isStatic = setupPy === undefined || isEmptySetupCall(setupPy);
  const extrasLine = [...(ini.get('options.extras_require')?.values() ?? [])][0]?.line;
  const extrasPlace: Place = { file: SETUP_CFG, ...(extrasLine !== undefined && { line: extrasLine }) };
  const head = { file: SETUP_CFG, name: name.value, buildSystem, extrasPlace };
  const version = get('metadata', 'version');
  const python = get('options', 'python_requires');
  const pythonPlace: Place = { file: SETUP_CFG, ...(python && { line: python.line }) };
  const installs = get('options', 'install_requires');
  const requiresPython = python && { text: checkRequiresPython(python.value, pythonPlace), place: pythonPlace };
  if (!isStatic) {
    const own = pythonRequired(setupPy);
    return { ...head, version: undefined, requiresPython: own === 'dynamic' ? undefined : (own ?? requiresPython), dependencies: undefined, extras: undefined };
  }
  return {
    ...head,
    version: version && !isDirective(version.value) ? checkVersion(version.value, { file: SETUP_CFG, line: version.line }) : undefined,
    requiresPython,
    dependencies: installs ? requirements(installs) : [],
    extras: readExtras(ini.get('options.extras_require'), get('options', 'extras_require')),
  };
}

function readExtras(section: ReadonlyMap<string, IniValue> | undefined, directive: IniValue | undefined): Metadata['extras'] {
  const extras = new Map<string, readonly string[]>();
  if (directive) return undefined;
  for (const [name, value] of section ?? []) {
    const listed = requirements(value);
    if (!listed) return undefined;
    extras.set(normalizeName(name), listed);
  }
  return extras;
}

/** `attr:` and `file:` values are computed when the wheel is built. */
function isDirective(value: string): boolean {
  return /^(?:attr|file):/.test(value.trim());
}

function requirements(value: IniValue): readonly string[] | undefined {
  if (isDirective(value.value) || value.value.includes('%(')) return undefined;
  const parts = value.value.includes('\n') ? value.value.split('\n') : value.value.split(';');
  return parts
    .map((part) => part.replace(/\s#.*$/, '').trim())
    .filter((part) => part !== '')
    .map((part) => checkRequirement(part, { file: SETUP_CFG, line: value.line }));
}

function isEmptySetupCall(setupPy: string): boolean {
  const statements = setupPy
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '' && !/^(?:'''|""")[^'"]*(?:'''|""")$/.test(line));
  return statements.every((line) =>
    /^(?:from setuptools import setup|import setuptools|(?:setuptools\.)?setup\(\)|if __name__ == ['"]__main__['"]:)$/.test(line),
  );
}

/** setup.py alone is a program: everything but a literal name is dynamic. */
export function readSetupPy(text: string, folderName: string, buildSystem: BuildSystem): Metadata {
  const call = /\bsetup\s*\(/.exec(text);
  const literal = call ? literalName(text, text.slice(call.index)) : undefined;
  const required = pythonRequired(text);
  const name = literal !== undefined && isValidName(literal) ? literal : nameFromFolder(folderName);
  return {
    file: SETUP_PY,
    name,
    version: undefined,
    requiresPython: required === 'dynamic' ? undefined : required,
    buildSystem,
    dependencies: undefined,
    extras: undefined,
    extrasPlace: { file: SETUP_PY },
  };
}

/** `python_requires='>=3.9'`: undefined where `setup()` is not told, `dynamic` where it is told by a program. */
function pythonRequired(text: string): Metadata['requiresPython'] | 'dynamic' {
  const argument = /^[^#\n]*\bpython_requires\s*=(?!=)\s*(?:(['"])(?<literal>[^'"\n]*)\1\s*[,)\n])?/m.exec(text);
  if (!argument) return undefined;
  const literal = argument.groups?.['literal'];
  if (literal === undefined || !parseSpecifiers(literal)) return 'dynamic';
  return { text: literal, place: { file: SETUP_PY, line: text.slice(0, argument.index + argument[0].indexOf('python_requires')).split('\n').length } };
}

/** `name='polls'`, or `name=NAME` where the only assignment to that name is a literal. */
function literalName(text: string, call: string): string | undefined {
  const argument = /\bname\s*=\s*(?:(['"])(?<literal>[A-Za-z0-9._-]+)\1|(?<variable>[A-Za-z_]\w*)\s*[,)\n])/.exec(call)?.groups;
  const variable = argument?.['variable'];
  if (variable === undefined) return argument?.['literal'];
  const assignments = [...text.matchAll(new RegExp(`^\\s*${variable}\\s*=(.*)$`, 'gm'))].map((match) => (match[1] ?? '').trim());
  return assignments.length === 1 ? /^(['"])([A-Za-z0-9._-]+)\1$/.exec(assignments[0] ?? '')?.[2] : undefined;
}

/** A valid project name from any folder's name. */
export function nameFromFolder(folder: string): string {
  const ascii = folder.normalize('NFKD').replace(/[^A-Za-z0-9._-]+/g, '-');
  return ascii.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '') || 'application';
}
