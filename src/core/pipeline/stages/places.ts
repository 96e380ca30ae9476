/** Which line of the project's own files something is about that was said in a container, by a compiler, by Python, or by pip. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONFIG_FILE } from '../../config/read-config.js';
import type { Place } from '../../errors.js';
import { inProject } from '../../project/container-paths.js';
import type { Project } from '../../project/project.js';
import { lineOf } from '../../project/toml.js';

/** The project's own file that a path in a container is, relative; undefined for everybody else's. */
export type Locate = (path: string) => string | undefined;

/** @param below as of `inProject` */
export function locateIn({ root }: Pick<Project, 'root'>, below = ''): Locate {
  return (path) => inProject(path, below).find((file) => existsSync(join(root, file)));
}

export interface Complaint {
  readonly place: Place;
  readonly text: string;
}

/** gcc, clang, gfortran's successors and Cython; then rustc, which says where on the next line. */
const COMPILER = /^\s*([^\s:][^:]*?):(\d+)(?::(\d+))?: (?:(?:fatal |internal compiler )?error: )(.+)$/i;
const CYTHON = /^\s*([^\s:]+\.(?:pyx|pxd|pxi)):(\d+):(\d+): (.+)$/;
const INCLUDED = /^\s*(?:In file included )?from ([^\s:]+):(\d+)(?::\d+)?[,:]/;
const RUST_ERROR = /^\s*error(?:\[E\d+\])?: (.+)$/;
const RUST_PLACE = /^\s*--> ([^\s:]+):(\d+):(\d+)$/;

/** The first thing that a compiler says against a file of the project's, or against one that such a file includes. */
export function complaintIn(lines: readonly string[], locate: Locate): Complaint | undefined {
  let including: Place | undefined;
  let rust: string | undefined;
  for (const line of lines) {
    const from = INCLUDED.exec(line);
    if (from) including ??= placeOf(from, locate);
    const error = COMPILER.exec(line) ?? CYTHON.exec(line);
    if (error) {
      const place = placeOf(error, locate) ?? including;
      if (place) return { place, text: (error[4] ?? '').trim() };
    }
    const place = rust === undefined ? undefined : placeOf(RUST_PLACE.exec(line), locate);
    if (place && rust !== undefined) return { place, text: rust };
    rust = RUST_ERROR.exec(line)?.[1] ?? rust;
    if (!from && !line.startsWith(' ')) including = undefined;
  }
  return undefined;
}

function placeOf(match: RegExpExecArray | null, locate: Locate): Place | undefined {
  const file = locate(match?.[1] ?? '');
  if (file === undefined) return undefined;
  const column = match?.[3];
  return { file, line: Number(match?.[2]), ...(column !== undefined && /^\d+$/.test(column) && { column: Number(column) }) };
}

/** The last frame of a traceback that lies in the project. */
export function frameIn(lines: readonly string[], locate: Locate): Place | undefined {
  for (const line of lines.toReversed()) {
    const [, path, number] = /^\s*(?:\|\s+)?File "([^"]+)", line (\d+)/.exec(line) ?? [];
    const file = path === undefined ? undefined : locate(path);
    if (file !== undefined) return { file, line: Number(number) };
  }
  return undefined;
}

/** Where a requirement is written; undefined where it is nowhere. */
export type PlaceOfRequirement = (name: string) => Place | undefined;

export interface RequirementsText {
  readonly file: string;
  readonly text: string;
}

/** What the requirements of a project are written in. */
export async function readRequirementsTexts({ root, metadataFile, site }: Project): Promise<readonly RequirementsText[]> {
  const files = [site?.requirementsFile, metadataFile, 'pyproject.toml', 'setup.cfg', 'setup.py', 'requirements.txt', CONFIG_FILE];
  const names = [...new Set(files.filter((file) => file !== undefined))];
  const texts = await Promise.all(names.map(async (file) => ({ file, text: await readFile(join(root, file), 'utf8').catch(() => '') })));
  return texts.filter(({ text }) => text !== '');
}

/** @param build whether a build requirement is meant: `[build-system]`, not the dependencies */
export function placeOfRequirement(texts: readonly RequirementsText[], name: string, build = false): Place | undefined {
  for (const { file, text } of texts) {
    if (build && file !== 'pyproject.toml') continue;
    const line = lineOfRequirement(file, text, name, build);
    if (line !== undefined) return { file, line };
  }
  return undefined;
}

/** Where the project names its build backend. */
export function placeOfBackend(texts: readonly RequirementsText[], backend: string): Place | undefined {
  const found = texts.find(({ file }) => file === 'pyproject.toml');
  const line = found && lineOf(found.text, ['build-system', 'build-backend']);
  return line === undefined || found?.text.includes(backend) !== true ? undefined : { file: found.file, line };
}

function lineOfRequirement(file: string, text: string, name: string, build: boolean): number | undefined {
  // PEP 503: runs of these are equal.
  const spelled = name
    .split(/[-_.]+/)
    .map((part) => part.replaceAll(/[^\w]/g, String.raw`\$&`))
    .join('[-_.]+');
  const quoted = new RegExp(`["']\\s*${spelled}\\s*(?=[\\[<>=!~;@"'(])`, 'i');
  const bare = new RegExp(`^\\s*(?:\\w+\\s*=\\s*)?${spelled}\\s*(?=[\\[<>=!~;@\\\\(]|--|$)`, 'i');
  const key = new RegExp(`^\\s*["']?${spelled}["']?\\s*=`, 'i');
  const first = file.endsWith('.toml') ? lineOf(text, ['project', 'dependencies']) : undefined;
  let table = '';
  for (const [at, line] of text.split('\n').entries()) {
    const said = withoutComment(line);
    let found: boolean;
    if (file.endsWith('.toml')) {
      table = /^\s*\[+\s*([^\]"]+?)\s*\]+\s*$/.exec(said)?.[1] ?? table;
      if (build) found = table === 'build-system' && quoted.test(said);
      else if (table === 'project') found = first !== undefined && at + 1 >= first && quoted.test(said);
      else if (/^(?:project\.optional-dependencies|dependency-groups)$/.test(table)) found = quoted.test(said);
      else found = /^tool\.poetry\..*dependencies$/.test(table) && key.test(said);
    } else {
      found = (/\.(?:py|json)$/.test(file) ? quoted : bare).test(said);
    }
    if (found) return at + 1;
  }
  return undefined;
}

const withoutComment = (line: string): string => line.replace(/(?:^|\s)(?:#|\/\/).*$/, '');
