/** Reads `pypackage.json`: what a person decided about packaging, beside what is found. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { UserError, type Place } from '../errors.js';
import { nearestName } from '../project/names.js';
import { decodeUtf8 } from '../project/toml.js';
import { configFile, knownKeys, LOGIN, type ConfigFile, type TargetInFile } from './config-schema.js';
import { findRepeatedKey, parseJsonc, placeOf, placeOfKey, valueOf, type JsonText } from './jsonc.js';
import { DEFAULT_TARGET_CONFIG, type TargetConfig } from './target-config.js';

export const CONFIG_FILE = 'pypackage.json';

const TARGET_NAME = /^[a-z0-9][a-z0-9_-]*$/;

export interface Config {
  /** What errors and events call it; undefined where there is none. */
  readonly file: string | undefined;
  /** Of the one target; undefined where the file names none. */
  readonly name: string | undefined;
  readonly target: TargetConfig;
  /** Where `python` stands. */
  readonly pythonPlace: Place | undefined;
  /** Each of `extras` as it is written, with where it stands. */
  readonly writtenExtras: readonly WrittenWord[];
}

export interface WrittenWord {
  readonly text: string;
  readonly place: Place;
}

/**
 * @param root the project's folder, absolute
 * @param file absolute, in place of the folder's own
 * @throws UserError `config-missing`, `config-invalid`, `config-several-targets`
 */
export async function readConfig(root: string, file?: string): Promise<Config> {
  const written = await readText(root, file);
  if (!written) return { file: undefined, name: undefined, target: DEFAULT_TARGET_CONFIG, pythonPlace: undefined, writtenExtras: [] };
  const source = parseJsonc(written.text, written.file);
  const config = check(source);
  const [name, ...others] = Object.keys(config.targets ?? {});
  if (others.length > 0) throw severalTargets(source, [name ?? '', ...others]);
  const own = name === undefined ? undefined : config.targets?.[name];
  const pythonPath = own?.python === undefined ? ['defaults', 'python'] : ['targets', name ?? '', 'python'];
  const target = merge(config.defaults, own);
  const writtenExtras = [
    ...wordsAt(source, ['defaults', 'extras'], config.defaults?.extras),
    ...wordsAt(source, ['targets', name ?? '', 'extras'], own?.extras),
  ];
  return { file: written.file, name, target, pythonPlace: target.python === undefined ? undefined : placeOf(source, pythonPath), writtenExtras };
}

const wordsAt = (source: JsonText, at: readonly string[], words: readonly string[] = []): readonly WrittenWord[] =>
  words.map((text, index) => ({ text, place: placeOf(source, [...at, index]) }));

/** The file's path as people see it: relative to the project where it lies in it. */
export function shownConfig(root: string, file: string): string {
  const relative = path.relative(root, file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}

export async function readText(root: string, file: string | undefined): Promise<{ readonly file: string; readonly text: string } | undefined> {
  const absolute = file ?? path.join(root, CONFIG_FILE);
  const shown = shownConfig(root, absolute);
  try {
    const text = decodeUtf8(await readFile(absolute), { file: shown, code: 'config-invalid' });
    return { file: shown, text: text.replace(/^\uFEFF/, '') };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (isMissing && file === undefined) return undefined;
    throw new UserError({
      kind: 'project',
      code: 'config-missing',
      message: isMissing ? `There is no file ${shown}` : `${shown} cannot be read`,
      where: { file: shown },
      ...(!isMissing && { why: cause instanceof Error ? cause.message : String(cause) }),
      ...(isMissing && { fix: `Name another with --config, or leave the flag out: ${CONFIG_FILE} in the project's folder is read where there is one` }),
      cause,
    });
  }
}

function check(source: JsonText): ConfigFile {
  const repeated = findRepeatedKey(source);
  if (repeated) throw invalid(`${repeated.key} stands twice in ${source.file}`, repeated.place);
  const parsed = z.safeParse(configFile, valueOf(source));
  if (!parsed.success) throw explain(source, parsed.error.issues);
  for (const name of Object.keys(parsed.data.targets ?? {})) {
    if (TARGET_NAME.test(name)) continue;
    const allowed = 'Use small letters, digits, - and _, beginning with a letter or digit';
    throw invalid(`"${name}" in ${source.file} cannot be the name of a target`, placeOfKey(source, ['targets'], name), allowed);
  }
  return parsed.data;
}

/** Of several problems, the one that a person meets first when reading. */
function explain(source: JsonText, issues: readonly z.core.$ZodIssue[]): UserError {
  const errors = issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return unknownKey(source, issue.path, issue.keys[0] ?? '');
    const at = issue.path.map(String).join('.') || source.file;
    const fix = issue.message === LOGIN ? "Write the address without it; a login belongs into pip's settings or a netrc file of yours" : undefined;
    return invalid(`${at} in ${source.file} ${issue.message}`.replace(`${source.file} in ${source.file}`, source.file), placeOf(source, issue.path), fix);
  });
  const order = ({ where }: UserError): number => (where?.line ?? 0) * 10_000 + (where?.column ?? 0);
  const [first] = errors.sort((a, b) => order(a) - order(b));
  return first ?? invalid(`${source.file} cannot be understood`, { file: source.file });
}

function unknownKey(source: JsonText, at: readonly PropertyKey[], key: string): UserError {
  const known = knownKeys(at);
  const nearest = nearestName(key, known);
  const object = at.length > 0 ? `${at.map(String).join('.')} in ${source.file}` : source.file;
  const fix = nearest === undefined ? `What can stand there: ${known.join(', ')}` : `Did you mean ${nearest}?`;
  const where = placeOfKey(source, at, key);
  return new UserError({
    kind: 'project',
    code: 'config-invalid',
    message: `${object} has an unknown key: ${key}`,
    where,
    fix,
    ...(nearest !== undefined && { remedy: { kind: 'replacement', at: where, from: key, to: nearest } }),
  });
}

function invalid(message: string, where: UserError['where'], fix?: string): UserError {
  return new UserError({ kind: 'project', code: 'config-invalid', message, ...(where && { where }), ...(fix !== undefined && { fix }) });
}

function severalTargets(source: JsonText, names: readonly string[]): UserError {
  return new UserError({
    kind: 'project',
    code: 'config-several-targets',
    message: `${source.file} names ${names.length} targets (${names.join(', ')}), and choosing among several is not there yet`,
    where: placeOfKey(source, ['targets'], names[1] ?? ''),
    fix: 'Leave one under targets; another file can hold the other: --config FILE',
  });
}

/** Key by key: what the target says stands for what the defaults say, lists included. */
function merge(defaults: TargetInFile = {}, own: TargetInFile = {}): TargetConfig {
  const { buildCommand, prebuild, indexes, ...rest } = { ...defaults, ...own };
  return {
    python: rest.python,
    baseImage: rest.baseImage,
    extras: rest.extras ?? [],
    groups: rest.groups ?? [],
    requirements: rest.requirements ?? [],
    systemPackages: {
      build: own.systemPackages?.build ?? defaults.systemPackages?.build ?? [],
      run: own.systemPackages?.run ?? defaults.systemPackages?.run ?? [],
    },
    buildCommand: typeof buildCommand === 'string' ? ['sh', '-c', buildCommand] : buildCommand,
    prebuild: prebuild && { command: prebuild.command, image: prebuild.image, folder: prebuild.folder ?? '.' },
    indexes: (indexes ?? []).map(({ name, url, packages }) => ({ name, url, packages: packages ?? [] })),
  };
}
