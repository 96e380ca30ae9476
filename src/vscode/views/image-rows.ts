/** The rows of the view Images: by project where there are several, by role, newest first; and what is in an image. Pure. */
import * as l10n from '@vscode/l10n';
import { formatAgo, formatSize } from '../../core/format.js';
import type { ImageContents, InstalledPackage } from '../../core/objects/image-contents.js';
import type { ImageRow } from '../../core/objects/object-rows.js';
import { isOwnImage, ownTags } from '../../core/objects/ownership.js';
import { shortId } from '../../core/objects/own-image.js';
import type { ProjectState } from '../project-state.js';
import type { WindowOwner } from './engine-objects.js';
import { COLOUR, type TreeRow } from './tree-row.js';

/** In the order of their rows. `other`: everything that is not of this window's projects. */
export const ROLES = ['release', 'layer', 'deps', 'wheels', 'builder', 'base', 'other'] as const;
export type ImageRole = (typeof ROLES)[number];

export const PARTS = ['packages', 'layers', 'settings'] as const;
export type ImagePart = (typeof PARTS)[number];

/** What a row stands for; given to a command, it says what is meant (commands/parameters.ts). `of`: root of the project under which it is. */
export type ImageElement =
  | { readonly row: 'project'; readonly project: string }
  | { readonly row: 'role'; readonly of: string; readonly role: ImageRole }
  | { readonly row: 'image'; readonly of: string; readonly role: ImageRole; readonly image: string }
  | { readonly row: 'part'; readonly of: string; readonly role: ImageRole; readonly inside: string; readonly part: ImagePart }
  | { readonly row: 'fact'; readonly of: string; readonly role: ImageRole; readonly inside: string; readonly part: ImagePart; readonly fact: ImageFact };

/** One line of what is in an image. */
export interface ImageFact {
  /** Unique in its part. */
  readonly key: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  /** The whole of it, where the label is shortened. */
  readonly whole?: string;
}

export interface ImageGroup {
  /** Root of the project; empty: none of this window. */
  readonly of: string;
  readonly role: ImageRole;
  /** Newest first. */
  readonly images: readonly ImageRow[];
}

/** An image that several projects of the window use is in the groups of each. */
export function groupImages(images: Iterable<ImageRow>, owners: readonly WindowOwner[], isAll: boolean): readonly ImageGroup[] {
  const groups = new Map<string, ImageRow[]>();
  const put = (of: string, role: ImageRole, image: ImageRow): void => {
    const key = `${of}\n${role}`;
    const known = groups.get(key);
    if (known) known.push(image);
    else groups.set(key, [image]);
  };
  for (const image of images) {
    const own = image.kind === undefined ? [] : owners.filter((owner) => isOwnImage(image, owner));
    for (const { root } of own) put(root, roleOf(image), image);
    if (isAll && own.length === 0) put('', 'other', image);
  }
  const places = [...owners.map(({ root }) => root), ''];
  return places.flatMap((of) =>
    ROLES.flatMap((role) => {
      const found = groups.get(`${of}\n${role}`);
      return found ? [{ of, role, images: found.sort((a, b) => b.created - a.created || (a.id < b.id ? -1 : 1)) }] : [];
    }),
  );
}

function roleOf({ kind }: ImageRow): ImageRole {
  return ROLES.find((role) => role === kind) ?? 'other';
}

export function imageProjectRow({ root, name }: Pick<WindowOwner, 'root' | 'name'>): TreeRow {
  return { id: `images:${root}`, label: name, description: '', icon: 'package', context: 'imageProject' };
}

export function roleRow({ of, role, images }: ImageGroup): TreeRow {
  return { id: `images:${of}:${role}`, label: roleWords(role), description: String(images.length), icon: ROLE_ICON[role], context: `imageRole ${role}` };
}

const ROLE_ICON: Readonly<Record<ImageRole, string>> = {
  release: 'package',
  layer: 'layers',
  deps: 'library',
  wheels: 'archive',
  builder: 'tools',
  base: 'vm',
  other: 'server-environment',
};

function roleWords(role: ImageRole): string {
  return role === 'other' ? l10n.t('Other images of the engine') : role;
}

/** Ids of the images that a project's sources at present are made into; undefined: nobody knows. */
export function presentImages({ known, savedSince }: ProjectState): ReadonlySet<string> | undefined {
  if (savedSince !== undefined || known.kind === 'nothing') return undefined;
  if (known.kind === 'status')
    return new Set(known.document.stages.flatMap(({ state, artifact }) => (state === 'up to date' && artifact ? [artifact.id] : [])));
  const { phase, release } = known.run;
  return phase === 'done' && release ? new Set([release.imageId]) : undefined;
}

export interface ImageLooks {
  readonly owner: WindowOwner | undefined;
  /** Of presentImages. */
  readonly present: ReadonlySet<string> | undefined;
  readonly now: number;
}

export function imageTreeRow(image: ImageRow, { of, role }: Pick<ImageGroup, 'of' | 'role'>, { owner, present, now }: ImageLooks): TreeRow {
  const own = owner ? ownTags(image.tags, owner) : [];
  // A name for a registry says where it is: of our own names the tag is what matters.
  const given = image.tags.filter((tag) => !own.includes(tag) && (owner === undefined || image.project !== undefined));
  const names = [...sortedTags(own.map(tagOf)), ...given];
  const [label, ...others] = names;
  const isPresent = present?.has(image.id);
  const facts = [
    ...(role === 'other' ? [whose(image)] : []),
    ...(label === undefined ? [l10n.t('untagged')] : others),
    ...(role === 'release' && image.revision !== undefined && !names.some((tag) => tag.includes(image.revision?.slice(0, 7) ?? ''))
      ? [image.revision.slice(0, 7)]
      : []),
    ...(role === 'release' || image.about === undefined ? [] : [image.about]),
    formatSize(image.size),
    formatAgo(image.created, now),
    matchWords(role, isPresent),
  ];
  return {
    id: `image:${of}:${image.id}`,
    label: label ?? shortId(image.id),
    description: words(facts),
    icon: isPresent === true && role === 'release' ? 'check' : ROLE_ICON[role],
    ...(isPresent === true && { colour: COLOUR.good }),
    context: ['image', role === 'other' && image.kind === undefined ? 'foreign' : 'ours', role, ...(image.tags.length > 0 ? ['named'] : [])].join(' '),
  };
}

/** Whether its release is of the present sources; of the others, whether the next run takes it. */
function matchWords(role: ImageRole, isPresent: boolean | undefined): string {
  if (isPresent === undefined) return '';
  if (role === 'release') return isPresent ? l10n.t('of the present sources') : l10n.t('of other sources');
  return isPresent ? l10n.t('in use') : '';
}

function whose({ kind, project }: ImageRow): string {
  if (kind === undefined) return l10n.t('not of PyPackage');
  return project === undefined ? l10n.t('{0} of another project', kind) : l10n.t('{0} of {1}', kind, project);
}

/** The version first, then `latest`, then what names a state of the sources. */
function sortedTags(tags: readonly string[]): readonly string[] {
  const rank = (tag: string): number => (tag === 'latest' ? 1 : /^(?:[0-9a-f]{7}(?:-[0-9a-f]{8})?|src-[0-9a-f]{8})$/.test(tag) ? 2 : 0);
  return [...tags].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

const tagOf = (reference: string): string => reference.slice(reference.lastIndexOf(':') + 1);
const words = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(' · ');

/** What can be looked into: nothing of somebody else's is run to find its packages. */
export function partsOf(image: ImageRow): readonly ImagePart[] {
  return image.kind === undefined ? PARTS.filter((part) => part !== 'packages') : PARTS;
}

const PART_ICON: Readonly<Record<ImagePart, string>> = { packages: 'symbol-namespace', layers: 'layers', settings: 'settings' };

export function partRow({ of, inside, part }: { readonly of: string; readonly inside: string; readonly part: ImagePart }): TreeRow {
  const label = { packages: l10n.t('Python packages'), layers: l10n.t('Layers'), settings: l10n.t('Settings') }[part];
  return { id: `image:${of}:${inside}:${part}`, label, description: '', icon: PART_ICON[part], context: `imagePart ${part}` };
}

export function factRow({
  of,
  inside,
  part,
  fact,
}: {
  readonly of: string;
  readonly inside: string;
  readonly part: ImagePart;
  readonly fact: ImageFact;
}): TreeRow {
  const { key, label, description, icon } = fact;
  return { id: `image:${of}:${inside}:${part}:${key}`, label, description, icon, context: `imageFact ${part}` };
}

export function packageFacts(packages: readonly InstalledPackage[]): readonly ImageFact[] {
  return packages.map(({ name, version, size }) => ({ key: name, label: name, description: `${version} · ${formatSize(size)}`, icon: 'symbol-namespace' }));
}

/** Those that hold files, the newest first. */
export function layerFacts({ layers }: Pick<ImageContents, 'layers'>): readonly ImageFact[] {
  return layers.flatMap(({ createdBy, size }, at) => {
    const whole = instruction(createdBy);
    return size === 0 ? [] : [{ key: String(layers.length - at), label: formatSize(size), description: shortened(whole), icon: 'layers', whole }];
  });
}

const LONGEST = 60;

/** As a Dockerfile has it, without what engines put around it. */
function instruction(createdBy: string): string {
  const plain = createdBy
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
    .replace(/^(RUN\s+)?(?:\|\d+ .*?)?\/bin\/sh -c\s+/, 'RUN ')
    .replace(/\s*# buildkit$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return plain === '' ? l10n.t('imported') : plain;
}

function shortened(text: string): string {
  const plain = text.replaceAll(/--mount=\S+ /g, '');
  return plain.length <= LONGEST ? plain : `${plain.slice(0, LONGEST - 1)}…`;
}

export function settingFacts(contents: Omit<ImageContents, 'id' | 'tags' | 'size' | 'created' | 'layers'>): readonly ImageFact[] {
  const { command, entrypoint, ports, user, workingDir, platform, env } = contents;
  const setting = (key: string, label: string, value: string): readonly ImageFact[] =>
    value === '' ? [] : [{ key, label, description: value, icon: 'symbol-property', whole: value }];
  return [
    ...setting('command', l10n.t('Command'), command.join(' ')),
    ...setting('entrypoint', l10n.t('Entrypoint'), entrypoint.join(' ')),
    ...setting('ports', l10n.t('Ports'), ports.join(', ')),
    ...setting('user', l10n.t('User'), user),
    ...setting('folder', l10n.t('Working folder'), workingDir),
    ...setting('platform', l10n.t('Platform'), platform),
    ...env.map((line, at): ImageFact => {
      const equals = line.indexOf('=');
      const value = line.slice(equals + 1);
      return { key: `env ${at}`, label: line.slice(0, equals), description: value, icon: 'symbol-variable', whole: line };
    }),
  ];
}

/** The release before this one: of the same project, the newest that is older. */
export function previousRelease(image: ImageRow, images: Iterable<ImageRow>): ImageRow | undefined {
  let found: ImageRow | undefined;
  for (const other of images) {
    if (other.kind !== 'release' || other.project !== image.project || other.target !== image.target) continue;
    if (other.id === image.id || other.created >= image.created) continue;
    if (!found || other.created > found.created) found = other;
  }
  return found;
}
