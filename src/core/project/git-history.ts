/**
 * What Git says of a project whose wheel depends on it: build tools take the version from tags, and the list of files from the index. Only
 * commits and tags of the past and the files of the commit that is checked out leave the host, and only to the container that builds.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.js';
import type { Project } from './project.js';
import { requirementName } from './names.js';
import { gitBytes } from './revision.js';
import type { Revision } from './revision.js';

export interface GitFacts {
  /** What shapes the wheel: of the version too, or of the list of files only. */
  readonly digest: string;
  readonly commit: string;
  readonly branch: string | undefined;
  /** The project's folder in the repository. */
  readonly path: string;
}

/** What the container makes a repository of (containers/git_tree.py). */
export interface GitHistory extends GitFacts {
  /** A pack of objects. https://git-scm.com/docs/gitformat-pack */
  readonly pack: Buffer;
  /** `OBJECT refs/tags/NAME`, a line each. */
  readonly tags: string;
  /** Commits whose parents are not in the pack. */
  readonly shallow: string;
  /** Names with NUL behind each: what Git tracks in the project's folder, and which of it is not there. */
  readonly tracked: string;
  readonly deleted: string;
}

/** Build requirements that ask Git for the version. */
const VERSION_TOOLS: ReadonlySet<string> = new Set([
  'dunamai',
  'flit-scm',
  'hatch-vcs',
  'pbr',
  'poetry-dynamic-versioning',
  'setuptools-git',
  'setuptools-git-versioning',
  'setuptools-scm',
  'uv-dynamic-versioning',
  'vcs-versioning',
  'versioneer',
  'versioningit',
]);
/** Those that ask it which files are ignored. */
const FILE_TOOLS: ReadonlySet<string> = new Set(['poetry-core', 'poetry']);
/** Commits of the past: more are as good as none to a version. */
const MOST_COMMITS = 20_000;

export type AsksGitFor = 'version' | 'files' | 'nothing';

/** @param pyproject its text: pdm-backend asks where its table says so */
export function asksGitFor({ buildSystem }: Pick<Project, 'buildSystem'>, pyproject: string): AsksGitFor {
  const names = buildSystem.requires.map((requirement) => requirementName(requirement) ?? '');
  const isPdm = names.includes('pdm-backend') && /^\s*(?:version\s*=\s*\{[^}]*)?source\s*=\s*["']scm["']/m.test(pyproject);
  if (isPdm || names.some((name) => VERSION_TOOLS.has(name))) return 'version';
  return names.some((name) => FILE_TOOLS.has(name)) ? 'files' : 'nothing';
}

/** undefined where the wheel does not depend on Git, and where there is none: then tools fall back to PKG-INFO, or fail. */
export async function readGitFacts(project: Project, revision: Revision | undefined): Promise<GitFacts | undefined> {
  if (!revision) return undefined;
  const asked = asksGitFor(project, await readFile(`${project.root}/pyproject.toml`, 'utf8').catch(() => ''));
  if (asked === 'nothing') return undefined;
  try {
    return await factsOf(project, revision, asked);
  } catch (error) {
    if (error instanceof UserError) throw error;
    // Without Git the build tool says what it misses.
    return undefined;
  }
}

async function factsOf(project: Project, revision: Revision, asked: 'version' | 'files'): Promise<GitFacts> {
  const [tracked, tags] = await Promise.all([trackedIn(project.root), asked === 'version' ? tagsOf(project.root) : '']);
  const hash = createHash('sha256').update(`${asked}\0${revision.path}\0${tracked}`);
  if (asked === 'version') hash.update(`\0${revision.commit}\0${revision.branch ?? ''}\0${tags}`);
  if (asked === 'version' && tags === '') await refuseShallow(project);
  return { digest: hash.digest('hex'), commit: revision.commit, branch: revision.branch, path: revision.path };
}

/** A version without the tags that are missing would be a wrong one. */
async function refuseShallow({ root, name, metadataFile }: Project): Promise<void> {
  if ((await text(root, ['rev-parse', '--is-shallow-repository'])).trim() !== 'true') return;
  throw new UserError({
    kind: 'project',
    code: 'git-history-missing',
    message: `${name} takes its version from Git's tags, and this clone is shallow: no tag is in it`,
    where: { file: metadataFile },
    why: 'A version without its tag would be a wrong one',
    fix: 'git fetch --unshallow --tags; in CI, fetch the whole history (fetch-depth: 0)',
  });
}

export async function readGitHistory(root: string, facts: GitFacts): Promise<GitHistory> {
  const [tags, walked, tracked, deleted, objects, boundary] = await Promise.all([
    tagsOf(root),
    text(root, ['rev-list', '--parents', `--max-count=${MOST_COMMITS}`, facts.commit]),
    trackedIn(root),
    text(root, ['ls-files', '--deleted', '-z']),
    text(root, ['rev-list', '--objects', '--no-walk', '--no-object-names', facts.commit]),
    shallowOf(root),
  ]);
  const commits = walked.split('\n').filter((line) => line !== '');
  const known = new Set(commits.map((line) => line.split(' ')[0] ?? ''));
  const cut = commits.filter((line) => line.split(' ').some((id) => !known.has(id))).map((line) => line.split(' ')[0] ?? '');
  const wanted = tags.split('\n').filter((line) => known.has(line.split(' ')[1] ?? ''));
  const ids = new Set([...objects.split('\n').filter((id) => id !== ''), ...known, ...wanted.map((line) => line.split(' ')[0] ?? '')]);
  const pack = await gitBytes(root, ['pack-objects', '--stdout', '-q'], `${[...ids].join('\n')}\n`);
  return {
    ...facts,
    pack,
    tags: wanted.map((line) => `${line.split(' ')[0] ?? ''} ${line.split(' ').slice(2).join(' ')}\n`).join(''),
    shallow: [...new Set([...cut, ...boundary.filter((id) => known.has(id))])].map((id) => `${id}\n`).join(''),
    tracked,
    deleted,
  };
}

/** `OBJECT COMMIT refs/tags/NAME` of the tags before the commit that is checked out. */
async function tagsOf(root: string): Promise<string> {
  const format = '%(objectname) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end) %(refname)';
  return text(root, ['for-each-ref', '--merged', 'HEAD', `--format=${format}`, 'refs/tags']);
}

function trackedIn(root: string): Promise<string> {
  return text(root, ['ls-files', '-z']);
}

async function shallowOf(root: string): Promise<readonly string[]> {
  const file = (await text(root, ['rev-parse', '--path-format=absolute', '--git-path', 'shallow'])).trim();
  const content = await readFile(file, 'utf8').catch(() => '');
  return content.split('\n').filter((line) => line !== '');
}

async function text(root: string, args: readonly string[]): Promise<string> {
  return (await gitBytes(root, args)).toString('utf8');
}
