/** The rows of the view Wheels: the wheels of each project's export, and what is in them. Pure. */
import * as l10n from '@vscode/l10n';
import { formatAgo, formatSize } from '../../core/format.js';
import type { PlatformMisfit, WheelContents, WheelEntry, WheelsDocument, WheelVerdict, WheelWarning } from '../../core/wheels/wheel-documents.js';
import type { ProjectState } from '../project-state.js';
import { COLOUR, type TreeRow } from './tree-row.js';

/** What a row stands for; given to a command, it says what is meant (commands/parameters.ts). */
export type WheelElement =
  | { readonly row: 'wheelProject'; readonly project: string }
  | { readonly row: 'dependencies'; readonly project: string }
  /** The same row when another build takes its place: then its path is another. */
  | { readonly row: 'wheel'; readonly project: string; wheel: string; readonly id: string }
  | WheelPartElement;

/** Something in a wheel; no command is about it. */
export interface WheelPartElement {
  readonly row: 'wheelPart';
  readonly above: WheelElement;
  readonly part: WheelPart;
}

export interface WheelPart extends TreeRow {
  readonly parts: readonly WheelPart[];
}

/** What is known of a wheel besides what the list says. */
export interface WheelKnowledge {
  /** Why the application's wheel is not of the present sources; undefined: as far as is known, it is. */
  readonly stale: string | undefined;
  readonly verdict: WheelVerdict | undefined;
}

/** @param where how the project is told from others of its name; empty where it need not be */
export function projectRow({ root, name }: Pick<ProjectState, 'root' | 'name'>, document: WheelsDocument | undefined, where: string): TreeRow {
  const wheels = document?.wheels ?? [];
  const facts =
    wheels.length === 0 ? [l10n.t('nothing built yet')] : [sizeOf(wheels), ...(document?.python === undefined ? [] : [`Python ${document.python}`])];
  return {
    id: `wheels:${root}`,
    label: name,
    description: [...facts, ...(where === '' || where === name ? [] : [where])].join(' · '),
    icon: 'package',
    context: `wheelProject ${wheels.length === 0 ? 'empty' : 'built'}`,
  };
}

/** @param warned how many of them have a warning */
export function dependenciesRow(root: string, document: WheelsDocument, warned: number): TreeRow {
  const wheels = dependenciesOf(document);
  const { lock, lockProblem } = document;
  const facts = [
    ...(warned === 0 ? [] : [warned === 1 ? l10n.t('1 warning') : l10n.t('{0} warnings', warned)]),
    sizeOf(wheels),
    // It begins with the name of the lock, mostly.
    lockProblem?.message ?? lock ?? l10n.t('without a lock'),
  ];
  return {
    id: `dependencies:${root}`,
    label: wheels.length === 1 ? l10n.t('1 dependency') : l10n.t('{0} dependencies', wheels.length),
    description: facts.join(' · '),
    ...(warned > 0 || lockProblem ? { icon: 'warning', colour: COLOUR.stale } : { icon: 'library' }),
    context: 'dependencies',
  };
}

export function wheelRow(id: string, entry: WheelEntry, known: WheelKnowledge, now: number): TreeRow {
  const { name, version, tags, size, modified, role } = entry;
  const warnings = warningsOf(entry, known);
  const isVerified = known.verdict?.state === 'as locked' && warnings.length === 0;
  const facts = [
    ...warnings,
    ...(isVerified ? [l10n.t('as locked')] : []),
    ...(tags.length === 0 ? [] : [tags.join(', ')]),
    formatSize(size),
    ...(modified === undefined ? [] : [formatAgo(modified, now)]),
  ];
  return {
    id,
    label: version === '' ? name : `${name} ${version}`,
    description: facts.join(' · '),
    ...looksOf(entry, known, warnings.length > 0, isVerified),
    context: ['wheel', role === 'none' ? 'unlisted' : role, modified === undefined ? 'missing' : 'there'].join(' '),
  };
}

function looksOf({ role }: WheelEntry, { verdict }: WheelKnowledge, isWarned: boolean, isVerified: boolean): Pick<TreeRow, 'icon' | 'colour'> {
  if (verdict?.state === 'other' || verdict?.state === 'damaged' || (verdict && verdict.files.length > 0)) return { icon: 'error', colour: COLOUR.bad };
  if (isWarned) return { icon: 'warning', colour: COLOUR.stale };
  if (isVerified) return { icon: 'verified', colour: COLOUR.good };
  return { icon: role === 'application' ? 'package' : 'file-zip' };
}

/** In words, the worst first. */
export function warningsOf(entry: WheelEntry, { stale, verdict }: WheelKnowledge): readonly string[] {
  return [
    ...(verdict ? verdictWords(verdict) : []),
    // What was verified knows better than sizes do.
    ...entry.warnings.filter(({ kind }) => kind !== 'other-size' || verdict?.state !== 'other').map(warningWords),
    ...(stale !== undefined && entry.role === 'application' ? [l10n.t('stale: {0}', stale)] : []),
  ];
}

function verdictWords({ state, files, problem }: WheelVerdict): readonly string[] {
  const inside =
    files.length === 0
      ? []
      : [files.length === 1 ? l10n.t('1 file in it is not as its RECORD says') : l10n.t('{0} files in it are not as its RECORD says', files.length)];
  if (state === 'other') return [l10n.t('not as locked: another hash'), ...inside];
  if (state === 'damaged') return [problem ?? l10n.t('damaged')];
  return inside;
}

export function warningWords(warning: WheelWarning): string {
  switch (warning.kind) {
    case 'missing':
      return l10n.t('missing; the next build exports it again');
    case 'other-size':
      return l10n.t('not as locked: the lock says {0} bytes', warning.locked);
    case 'unlisted':
      return l10n.t('not in the lock');
    case 'not-in-lock':
      return l10n.t('not in {0}', warning.lock);
    case 'other-version':
      return l10n.t('{0} has {1}', warning.lock, warning.version);
    case 'other-hash':
      return l10n.t('not the file of {0}', warning.lock);
    case 'python':
      return l10n.t('not for Python {0}', warning.python);
    case 'platform':
      return misfitWords(warning.misfit);
    default:
      return warning satisfies never;
  }
}

function misfitWords(misfit: PlatformMisfit): string {
  switch (misfit.of) {
    case 'libc':
      return l10n.t('for musl; the base image has glibc {0}', misfit.base);
    case 'glibc':
      return l10n.t('needs glibc {0}; the base image has {1}', misfit.wheel, misfit.base);
    case 'machine':
      return l10n.t('for {0}; the base image is for {1}', misfit.wheel, misfit.base);
    case 'system':
      return l10n.t('for {0}; the base image is for {1}', misfit.wheel, misfit.base);
    default:
      return misfit satisfies never;
  }
}

/** Why the application's wheel is not of the present sources, as far as this window has been told. */
export function staleOf({ known, savedSince }: ProjectState): string | undefined {
  if (known.kind === 'status') {
    const row = known.document.stages.find(({ stage }) => stage === 'wheels');
    if (row?.state === 'stale') return row.reason;
  }
  return savedSince === undefined || known.kind === 'nothing' ? undefined : l10n.t('{0} was saved since', savedSince);
}

export const dependenciesOf = ({ wheels }: WheelsDocument): readonly WheelEntry[] => wheels.filter(({ role }) => role === 'dependency');

/** Of all builds of a wheel; of one that no lock names, its place. */
export function wheelId(root: string, folder: string, { role, name, path }: WheelEntry): string {
  return role === 'none' ? `wheel:${root}:${path.slice(folder.length)}` : `wheel:${root}:${role}:${name}`;
}

const sizeOf = (wheels: readonly WheelEntry[]): string => formatSize(wheels.reduce((sum, { size }) => sum + size, 0));

/** `name==version`, as requirements files write it. */
export const requirementOf = ({ name, version }: { readonly name: string; readonly version: string }): string => `${name}==${version}`;

/** What a wheel is expanded to. @param id of its row */
export function partsOf(id: string, contents: WheelContents): readonly WheelPart[] {
  const { summary, requires, entryPoints, files, moreFiles } = contents;
  const part: MakePart = (key, look, parts = []) => ({
    id: `${id}#${key}`,
    ...look,
    context: 'wheelPart',
    parts,
  });
  const requirements = requires.map((text, i) => {
    const [requirement, marker] = splitMarker(text);
    return part(`requires/${i}`, { label: requirement, description: marker ?? '', icon: 'symbol-reference' });
  });
  const points = entryPoints.map(({ group, name, value }) =>
    part(`entry/${group}/${name}`, { label: name, description: `${value} · ${group}`, icon: group === 'console_scripts' ? 'terminal' : 'plug' }),
  );
  const tree = fileParts(filesBelow(files), '', part);
  const more = moreFiles === 0 ? [] : [part('more', { label: l10n.t('{0} more files', moreFiles), description: '', icon: 'ellipsis' })];
  const total = files.reduce((sum, { size }) => sum + size, 0);
  return [
    ...(summary === undefined || summary === '' ? [] : [part('summary', { label: summary.replaceAll('\n', ' '), description: '', icon: 'info' })]),
    part(
      'requires',
      {
        label: l10n.t('Requires'),
        description: requires.length === 0 ? l10n.t('nothing') : String(requires.length),
        icon: 'references',
      },
      requirements,
    ),
    ...(points.length === 0 ? [] : [part('entries', { label: l10n.t('Entry points'), description: String(points.length), icon: 'plug' }, points)]),
    part('files', { label: l10n.t('Files'), description: `${files.length + moreFiles} · ${formatSize(total)}`, icon: 'list-tree' }, [...tree, ...more]),
  ];
}

/** A requirement and its marker, which a `;` begins; in a URL one belongs to it unless a space stands before it (PEP 508). */
export function splitMarker(text: string): readonly [string, string | undefined] {
  const at = text.includes('@') ? text.search(/\s;/) : text.indexOf(';');
  if (at < 0) return [text.trim(), undefined];
  return [
    text.slice(0, at).trim(),
    text
      .slice(at)
      .replace(/^\s*;\s*/, '')
      .trim(),
  ];
}

/** Files by their folders, each in the order of its names. */
export interface FolderOfFiles {
  readonly name: string;
  /** Bytes of all that is in it. */
  readonly size: number;
  readonly folders: readonly FolderOfFiles[];
  readonly files: readonly { readonly name: string; readonly size: number }[];
}

interface OpenFolder {
  readonly folders: Map<string, OpenFolder>;
  readonly files: { readonly name: string; readonly size: number }[];
}

export function filesBelow(files: WheelContents['files']): FolderOfFiles {
  const top: OpenFolder = { folders: new Map(), files: [] };
  for (const { path, size } of files) {
    const names = path.split('/');
    const name = names.pop() ?? path;
    let folder = top;
    for (const step of names) {
      const next = folder.folders.get(step) ?? { folders: new Map(), files: [] };
      folder.folders.set(step, next);
      folder = next;
    }
    folder.files.push({ name, size });
  }
  return closed('', top);
}

function closed(name: string, { folders, files }: OpenFolder): FolderOfFiles {
  const below = [...folders].map(([name, folder]) => closed(name, folder)).toSorted(byName);
  return { name, size: [...below, ...files].reduce((sum, { size }) => sum + size, 0), folders: below, files: files.toSorted(byName) };
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

type MakePart = (key: string, look: Pick<TreeRow, 'label' | 'description' | 'icon'>, parts?: readonly WheelPart[]) => WheelPart;

function fileParts({ folders, files }: FolderOfFiles, above: string, part: MakePart): readonly WheelPart[] {
  return [
    ...folders.map((folder) => {
      const path = `${above}${folder.name}/`;
      return part(`file/${path}`, { label: folder.name, description: formatSize(folder.size), icon: 'folder' }, fileParts(folder, path, part));
    }),
    // A name may be there twice.
    ...files.map(({ name, size }, i) => part(`file/${above}${name}#${i}`, { label: name, description: formatSize(size), icon: 'file' })),
  ];
}
