/** Requirements files: what they ask for, with the place of each line. Read, never executed; nothing is fetched. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError, type Place } from '../errors.js';
import { normalizeName } from '../project/names.js';
import { formatRequirement, parseRequirement, type Requirement } from '../project/requirement.js';
import { parseWheelName } from '../wheels/wheel-name.js';
import { readFolderMetadata, readIfThere } from './folder-metadata.js';
import type { PipOptions, ProjectIndex } from './locked.js';
import { parseMarker } from '../wheels/markers.js';
import { fileNameOf, isUrl, isWheelFile, withoutLogin } from './reading.js';
import { logicalLines, splitOption, splitRequirement, splitWords } from './requirements-lines.js';

interface LineHead {
  readonly name: string;
  /** Normalised, sorted. */
  readonly extras: readonly string[];
  readonly marker: string | undefined;
  /** Hex. */
  readonly sha256: readonly string[];
  /** A hash of another algorithm does not count, but says that hashes were meant. */
  readonly hasHash: boolean;
  readonly place: Place;
}

export type RequirementLine =
  /** Of an index, or by URL. */
  | (LineHead & { readonly kind: 'requirement'; readonly requirement: Requirement })
  /** Relative to the project's folder. */
  | (LineHead & { readonly kind: 'folder'; readonly path: string })
  | (LineHead & { readonly kind: 'file'; readonly path: string });

export interface RequirementsFiles {
  readonly lines: readonly RequirementLine[];
  readonly constraints: readonly RequirementLine[];
  readonly options: PipOptions;
  readonly requiresHashes: boolean;
  /** All that were read, relative to the project's folder. */
  readonly files: readonly string[];
}

export interface RequirementsRequest {
  /** Absolute: the project's folder. */
  readonly root: string;
  /** Relative to it. */
  readonly files: readonly string[];
  /** For `${NAME}`; any other is an error. */
  readonly variables?: ReadonlyMap<string, string>;
}

/**
 * @throws UserError `requirements-missing`, `requirements-cycle`, `requirements-variable`, `requirements-invalid`,
 * `requirements-unsupported`, each with file and line
 */
export async function readRequirementsFiles(request: RequirementsRequest): Promise<RequirementsFiles> {
  const reader = new RequirementsReader(request);
  for (const file of request.files) await reader.include(path.posix.normalize(file), false, []);
  return reader.result();
}

interface Inclusion {
  readonly file: string;
  /** undefined for the file that was asked for. */
  readonly by: Place | undefined;
}

class RequirementsReader {
  private readonly lines: RequirementLine[] = [];
  private readonly constraints: RequirementLine[] = [];
  private readonly seen = new Set<string>();
  private readonly files: string[] = [];
  private indexUrl: string | undefined;
  private readonly extraIndexUrls: string[] = [];
  private readonly findLinks: string[] = [];
  private readonly noBinary: string[] = [];
  private readonly onlyBinary: string[] = [];
  private readonly trustedHosts: string[] = [];
  private noIndex = false;
  private preferBinary = false;
  private pre = false;
  private requiresHashes = false;

  constructor(private readonly request: RequirementsRequest) {}

  result(): RequirementsFiles {
    const { lines, constraints, noIndex, findLinks, noBinary, onlyBinary, preferBinary, pre, trustedHosts, requiresHashes, files } = this;
    const indexes = [
      ...(this.indexUrl === undefined ? [] : [namedIndex(this.indexUrl, true)]),
      ...[...new Set(this.extraIndexUrls)].map((url) => namedIndex(url, false)),
    ];
    return { lines, constraints, files, requiresHashes, options: { indexes, noIndex, findLinks, noBinary, onlyBinary, preferBinary, pre, trustedHosts } };
  }

  async include(file: string, isConstraint: boolean, chain: readonly Inclusion[], by?: Place): Promise<void> {
    const before = chain.find((inclusion) => inclusion.file === file);
    if (before && by) throw cycle(file, by, [...chain, { file, by }]);
    // Read twice, once as requirements and once as constraints, it is two things.
    const key = `${isConstraint ? '-c' : '-r'} ${file}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const text = await readIfThere(path.resolve(this.request.root, file));
    if (text === undefined) throw missing(file, by);
    if (!this.files.includes(file)) this.files.push(file);
    for (const { text: line, line: number } of logicalLines(text)) {
      await this.take(this.expand(line, { file, line: number }), { file, line: number }, isConstraint, [...chain, { file, by }]);
    }
  }

  /** pip expands `${NAME}` with capitals only. */
  private expand(line: string, place: Place): string {
    return line.replace(/\$\{([A-Z0-9_]+)\}/g, (_whole, name: string) => {
      const value = this.request.variables?.get(name);
      if (value === undefined) throw unknownVariable(name, place);
      return value;
    });
  }

  private async take(line: string, place: Place, isConstraint: boolean, chain: readonly Inclusion[]): Promise<void> {
    if (!line.startsWith('-')) {
      const found = await this.requirement(line, place);
      (isConstraint ? this.constraints : this.lines).push(found);
      return;
    }
    for (let option = splitOption(splitWords(line)); option; option = option.rest.length === 0 ? undefined : splitOption(option.rest)) {
      const { name, value } = option;
      if (name === '-e' || name === '--editable') {
        // What follows is a requirement of its own, with marker and hashes.
        (isConstraint ? this.constraints : this.lines).push(await this.requirement(asPath(line.replace(/^(?:-e|--editable)[\s=]*/, '')), place));
        return;
      }
      if (name === '-r' || name === '--requirement' || name === '-c' || name === '--constraint') {
        await this.include(this.included(valueOf(name, value, place), place), isConstraint || name === '-c' || name === '--constraint', chain, place);
      } else this.option(name, value, place);
    }
  }

  private included(named: string, place: Place): string {
    if (isUrl(named) && !named.startsWith('file:')) {
      throw unsupported(
        place,
        `${place.file} includes ${withoutLogin(named)}, and files of other machines are not read`,
        'Save it beside the project, and include that file',
      );
    }
    return path.posix.normalize(path.posix.join(path.posix.dirname(place.file), named.replace(/^file:(?:\/\/)?/, '')));
  }

  private option(name: string, value: string | undefined, place: Place): void {
    switch (name) {
      case '-i':
      case '--index-url':
      case '--pypi-url':
        this.indexUrl = valueOf(name, value, place);
        return;
      case '--extra-index-url':
        this.extraIndexUrls.push(valueOf(name, value, place));
        return;
      case '--no-index':
        this.noIndex = true;
        return;
      case '-f':
      case '--find-links':
        this.findLinks.push(this.linkOf(valueOf(name, value, place), place));
        return;
      case '--no-binary':
        this.noBinary.push(...valueOf(name, value, place).split(','));
        return;
      case '--only-binary':
        this.onlyBinary.push(...valueOf(name, value, place).split(','));
        return;
      case '--prefer-binary':
        this.preferBinary = true;
        return;
      case '--require-hashes':
        this.requiresHashes = true;
        return;
      case '--pre':
        this.pre = true;
        return;
      case '--trusted-host':
        this.trustedHosts.push(valueOf(name, value, place));
        return;
      // How pip works inside; it does not change what is installed.
      case '--use-feature':
        return;
      default:
        throw invalid(place, `${place.file} has the option ${name}, which cannot stand in a requirements file`);
    }
  }

  /** pip looks for a folder beside the file. */
  private linkOf(value: string, place: Place): string {
    return isUrl(value) ? value : path.posix.normalize(path.posix.join(path.posix.dirname(place.file), value));
  }

  private async requirement(line: string, place: Place): Promise<RequirementLine> {
    const { requirement: written, options } = splitRequirement(line);
    const { sha256, hasHash } = hashesOf(options, place);
    const text = splitWords(written).length === 1 ? (splitWords(written)[0] ?? written) : written;
    const parsed = parseRequirement(text);
    // `lib` beside a folder of that name is the name; a path has a slash, or begins with a dot.
    if (parsed && !/^[^;@<>=!~[]*[\\/]/.test(text)) {
      if (parsed.marker !== undefined && !parseMarker(parsed.marker)) throw invalid(place, `The marker "${parsed.marker}" in ${place.file} cannot be read`);
      const head = { name: parsed.name, extras: parsed.extras, marker: parsed.marker, place };
      const local = parsed.url === undefined ? undefined : localPath(parsed.url);
      if (local !== undefined) return this.local(local, { ...head, sha256, hasHash });
      const ofUrl = hashOfUrl(parsed.url);
      return { kind: 'requirement', requirement: parsed, ...head, sha256: [...sha256, ...ofUrl], hasHash: hasHash || ofUrl.length > 0 };
    }
    const { location, extras, marker } = splitLocation(text);
    const head = { extras, marker, sha256, hasHash, place };
    const local = localPath(location);
    if (local !== undefined) return this.local(local, { ...head, name: undefined });
    if (isUrl(location) || /^(?:git|hg|svn|bzr)\+/.test(location)) return byUrl(location, head);
    throw invalid(
      place,
      `The line "${text}" in ${place.file} is no valid requirement (PEP 508)`,
      'Write the name, then its versions, such as "django>=5.2,<6"',
    );
  }

  /** A path is relative to the folder where pip runs: the project's. Many write it relative to the file. */
  private async local(location: string, head: Omit<LineHead, 'name'> & { readonly name: string | undefined }): Promise<RequirementLine> {
    const { root } = this.request;
    const { place } = head;
    const candidates = [location, path.posix.join(path.posix.dirname(place.file), location)].map((item) => (path.posix.isAbsolute(location) ? location : item));
    for (const candidate of candidates) {
      const found = await stat(path.resolve(root, candidate)).catch(() => undefined);
      const relative = path.posix.normalize(candidate).replace(/(.)\/$/, '$1');
      if (found?.isFile()) {
        const name = head.name ?? parseWheelName(fileNameOf(candidate))?.normalizedName ?? nameOfArchive(fileNameOf(candidate));
        if (name === undefined)
          throw invalid(place, `${place.file} names ${location}, whose name says not which package it is`, `Write it as "name @ file:${location}"`);
        return { ...head, kind: 'file', name, path: relative };
      }
      if (!found?.isDirectory()) continue;
      const name = head.name ?? (await readFolderMetadata(path.resolve(root, candidate))).metadata?.name;
      if (name === undefined)
        throw invalid(
          place,
          `${place.file} names ${location}, and there is no Python project in it`,
          'It needs a pyproject.toml with [project], a setup.cfg or a setup.py',
        );
      return { ...head, kind: 'folder', name: normalizeName(name), path: relative };
    }
    throw invalid(place, `${place.file} names ${location}, which is not there`, 'Paths in requirements are relative to the folder of the project');
  }
}

/** `-e lib` is a folder, where `lib` alone would be a name. */
function asPath(editable: string): string {
  return /^(?:[./]|[a-z]+\+|[a-z]+:)|^\S+\s*@\s/i.test(editable) ? editable : `./${editable}`;
}

function namedIndex(url: string, isDefault: boolean): ProjectIndex {
  return { name: /^[a-z+]+:\/\/(?:[^/@]*@)?([^/:]+)/i.exec(url)?.[1] ?? url, url, packages: [], searched: true, isDefault };
}

function valueOf(name: string, value: string | undefined, place: Place): string {
  if (value !== undefined && value !== '') return value;
  throw invalid(place, `The option ${name} in ${place.file} has no value`);
}

function hashesOf(options: readonly string[], place: Place): { readonly sha256: readonly string[]; readonly hasHash: boolean } {
  const sha256: string[] = [];
  let hasHash = false;
  for (let option = splitOption(options); option; option = splitOption(option.rest)) {
    if (option.name !== '--hash') {
      throw unsupported(
        place,
        `${place.file} gives a package the option ${option.name}`,
        'Set it where the package is built, in pypackage.json or by an environment variable',
      );
    }
    const [, algorithm = '', digest = ''] = /^([a-z0-9]+):([0-9a-f]+)$/i.exec(option.value ?? '') ?? [];
    if (digest === '' || (algorithm === 'sha256' && digest.length !== 64)) {
      throw invalid(
        place,
        `The hash "${option.value ?? ''}" in ${place.file} cannot be read`,
        'Hashes are such as --hash=sha256:…, with 64 hexadecimal digits',
      );
    }
    hasHash = true;
    if (algorithm === 'sha256') sha256.push(digest.toLowerCase());
  }
  return { sha256, hasHash };
}

function hashOfUrl(url: string | undefined): readonly string[] {
  const digest = /#(?:.*&)?sha256=([0-9a-f]{64})(?:&|$)/i.exec(url ?? '')?.[1];
  return digest === undefined ? [] : [digest.toLowerCase()];
}

/** `./lib[fast] ; python_version > "3"` */
function splitLocation(text: string): { readonly location: string; readonly extras: readonly string[]; readonly marker: string | undefined } {
  const [, bare = text, marker] = /^(.*?)(?:\s+;\s*|;\s+)(.*)$/s.exec(text) ?? [];
  const [, location = bare, extras = ''] = /^([^#]*?)\[([\w\s,.-]+)\]$/s.exec(bare.trim()) ?? [];
  return {
    location: location.trim(),
    extras: extras
      .split(',')
      .filter((extra) => extra.trim() !== '')
      .map((extra) => normalizeName(extra.trim()))
      .sort(),
    marker,
  };
}

/** undefined for what is no path. */
function localPath(location: string): string | undefined {
  if (/^file:/i.test(location)) {
    const bare = location.replace(/^file:(?:\/\/(?:localhost)?(?=\/))?(?:\/\/)?/i, '').replace(/#.*$/s, '');
    try {
      return decodeURIComponent(bare);
    } catch {
      return bare;
    }
  }
  if (isUrl(location) || /^[a-z]+\+/i.test(location)) return undefined;
  return location.includes('/') || location === '.' || location === '..' || isWheelFile(location) || /\.(?:tar\.(?:gz|bz2|xz)|tgz|zip)$/.test(location)
    ? location
    : undefined;
}

function nameOfArchive(file: string): string | undefined {
  const name = /^(.+?)-\d[^-]*\.(?:tar\.(?:gz|bz2|xz)|tgz|zip)$/.exec(file)?.[1];
  return name === undefined ? undefined : normalizeName(name);
}

function byUrl(location: string, head: Omit<LineHead, 'name'>): RequirementLine {
  const { place } = head;
  if (/^(?:hg|svn|bzr)\+/.test(location))
    throw unsupported(place, `${place.file} names a repository that is none of git: ${withoutLogin(location)}`, 'Only repositories of git are known');
  const fragment = new URLSearchParams(location.split('#')[1] ?? '');
  const [, egg, eggExtras = ''] = /^([^[]+)(?:\[(.*)\])?$/.exec(fragment.get('egg') ?? '') ?? [];
  const file = fileNameOf(location);
  const name = egg ?? parseWheelName(file)?.normalizedName ?? (location.startsWith('git+') ? undefined : nameOfArchive(file));
  if (name === undefined)
    throw invalid(place, `${place.file} names ${withoutLogin(location)}, which says not which package it is`, `Write it as "name @ ${withoutLogin(location)}"`);
  const extras = [...head.extras, ...eggExtras.split(',').filter(Boolean).map(normalizeName)].sort();
  const subdirectory = fragment.get('subdirectory');
  const url = location.replace(/#.*$/s, '') + (subdirectory === null ? '' : `#subdirectory=${subdirectory}`);
  const ofUrl = hashOfUrl(location);
  const requirement: Requirement = { name: normalizeName(name), extras, specifiers: [], specifierText: '', url, marker: head.marker };
  return {
    ...head,
    kind: 'requirement',
    requirement,
    name: requirement.name,
    extras,
    sha256: [...head.sha256, ...ofUrl],
    hasHash: head.hasHash || ofUrl.length > 0,
  };
}

/** PEP 508. */
export function textOfLine(line: RequirementLine & { readonly kind: 'requirement' }): string {
  return formatRequirement({ ...line.requirement, name: line.name });
}

function invalid(place: Place, message: string, fix?: string): UserError {
  return new UserError({ kind: 'project', code: 'requirements-invalid', message, where: place, ...(fix !== undefined && { fix }) });
}

function unsupported(place: Place, message: string, fix: string): UserError {
  return new UserError({ kind: 'project', code: 'requirements-unsupported', message, where: place, fix });
}

function missing(file: string, by: Place | undefined): UserError {
  return new UserError({
    kind: 'project',
    code: 'requirements-missing',
    message: by ? `${by.file} includes ${file}, which is not there` : `There is no file ${file}`,
    where: by ?? { file },
    fix: by ? `Add ${file}, or remove the line` : `Add ${file}, or name another one`,
  });
}

function cycle(file: string, by: Place, chain: readonly Inclusion[]): UserError {
  const from = chain.findIndex((inclusion) => inclusion.file === file);
  return new UserError({
    kind: 'project',
    code: 'requirements-cycle',
    message: `${by.file} includes ${file}, which includes it`,
    where: by,
    why: `The files include each other: ${chain
      .slice(from)
      .map((inclusion) => inclusion.file)
      .join(' → ')}`,
    fix: 'Remove one of the lines',
  });
}

function unknownVariable(name: string, place: Place): UserError {
  return new UserError({
    kind: 'project',
    code: 'requirements-variable',
    message: `${place.file} needs the environment variable ${name}, which is not known here`,
    where: place,
    why: 'What is built must not depend on the environment of whoever builds it',
    fix: 'Write the value itself; logins of indexes belong into pip.conf, uv.toml or netrc',
  });
}
