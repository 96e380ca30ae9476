/**
 * Names and tags that every engine takes. A path component of a name: lower-case letters, digits and `.`, `_`, `__`, `-`
 * between them; a tag: up to 128 of `[A-Za-z0-9_.-]`, not beginning with `.` or `-`
 * (https://github.com/distribution/reference/blob/main/regexp.go).
 */
import { createHash } from 'node:crypto';
import type { Revision } from '../project/revision.js';

export type ImageContext = 'base' | 'builder' | 'deps' | 'wheels' | 'release';

/** What a release's tag begins with until it is one. */
export const CANDIDATE = 'candidate-';

const TAG_LENGTH = 128;
const COMPONENT_LENGTH = 100;

export function imageName(namespace: string, application: string, context: ImageContext): string {
  return `${namespace}/${nameComponent(application)}-${context}`;
}

/** Any text as a path component: `Größe & Co` becomes `gro-e-co-1a2b3c4d`, which differs from what `grö-e-co` becomes. */
export function nameComponent(text: string): string {
  const plain = text.toLowerCase();
  if (/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(plain) && plain === text && plain.length <= COMPONENT_LENGTH) return plain;
  const cut = plain.replaceAll(/[^a-z0-9]+/g, '-').slice(0, COMPONENT_LENGTH);
  return [cut.replaceAll(/^-+|-+$/g, '') || 'app', hash8(text)].join('-');
}

/** Any text (a version, a branch) as a tag; `+` of a local version becomes `-`. */
export function imageTag(text: string): string {
  const plain = text.replaceAll('+', '-');
  if (/^\w[\w.-]*$/.test(plain) && !/[^\x20-\x7e]/.test(plain) && plain.length <= TAG_LENGTH) return plain;
  const cut = plain
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .replaceAll(/^[.-]+/g, '')
    .slice(0, TAG_LENGTH - 9)
    .replaceAll(/[.-]+$/g, '');
  return [cut || 'tag', hash8(text)].join('-');
}

/**
 * Tags of a release: version, commit (with the content's hash for a tree that differs from it; the content's alone
 * without Git), latest.
 * @param version empty for a site that has none
 */
export function releaseTags(version: string, revision: Revision | undefined, sourceDigest: string): readonly string[] {
  return [...(version === '' ? [] : [imageTag(version)]), revisionTag(revision, sourceDigest), 'latest'];
}

export function revisionTag(revision: Revision | undefined, sourceDigest: string): string {
  const content = sourceDigest.slice(0, 8);
  if (!revision) return `src-${content}`;
  const commit = revision.commit.slice(0, 7);
  return revision.dirty ? `${commit}-${content}` : commit;
}

/** Whether a tag names a state that no commit has: only such tags are ever dropped again. */
export function isPassingTag(tag: string): boolean {
  return /^[0-9a-f]{7}-[0-9a-f]{8}$|^src-[0-9a-f]{8}$/.test(tag);
}

export function fingerprintTag(fingerprint: string): string {
  return fingerprint.slice(0, 12);
}

/** Why a namespace cannot be used, or undefined. `registry.example.com:5000/team` is one. */
export function namespaceProblem(namespace: string): string | undefined {
  const [first = '', ...rest] = namespace.split('/');
  const isHost = /^[a-z0-9.-]+(?::\d+)?$/i.test(first) && /[.:]|^localhost$/.test(first);
  const bad = (isHost ? rest : [first, ...rest]).find((part) => !/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(part));
  if (bad === undefined) return undefined;
  return `"${namespace}" cannot be part of an image name: use lower-case letters, digits and . _ - between them, in parts divided by /`;
}

function hash8(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** The Python that the name of an image promises, `3.12` or `3.12.1`: `python:3.12-slim`, `acme/python:3.12.1`. */
export function pythonInName(reference: string): string | undefined {
  return /(?:^|\/)python:(3\.\d+(?:\.\d+)?)(?=-|$)/.exec(reference)?.[1];
}
