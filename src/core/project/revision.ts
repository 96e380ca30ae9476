/** The Git revision of a project's folder. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { messageOf } from '../errors.js';
import { excludedGlobs } from './exclusions.js';
import type { Project } from './project.js';

export interface Revision {
  /** 40 hex digits (64 in a repository with SHA-256). */
  readonly commit: string;
  /** undefined for a detached HEAD. */
  readonly branch: string | undefined;
  /** Whether what is packaged differs from the commit, untracked files included; what is never a source does not count. */
  readonly dirty: boolean;
  /** Seconds since 1970. */
  readonly commitTime: number;
  /** URL of `origin` without credentials. */
  readonly origin: string | undefined;
  /** The project's folder relative to the repository's root, with `/`; empty when they are the same. */
  readonly path: string;
}

/** Why there is no revision. `refused`: Git does not trust the repository's owner (safe.directory), and says how to change that. */
export interface NoRevision {
  readonly kind: 'no-repository' | 'no-commits' | 'no-git' | 'ignored' | 'refused' | 'failed';
  /** For people. */
  readonly reason: string;
}

export type RevisionAnswer = { readonly kind: 'revision'; readonly revision: Revision; readonly folders: GitFolders } | NoRevision;

/** Absolute. They differ in a worktree. */
export interface GitFolders {
  readonly own: string;
  readonly common: string;
}

/** undefined without a repository, a commit or git; `askRevision` also says why. */
export async function readRevision(folder: string): Promise<Revision | undefined> {
  const answer = await askRevision(folder);
  return answer.kind === 'revision' ? answer.revision : undefined;
}

/** Whether the folder differs from the commit that is checked out. */
export async function askDirty(folder: string): Promise<boolean> {
  return parseStatus((await gitStatus(folder)).stdout).dirty;
}

/** https://git-scm.com/docs/gitglossary#Documentation/gitglossary.txt-pathspec */
const NEVER_SOURCES = excludedGlobs().map((glob) => `:(exclude,glob)${glob}`);

function gitStatus(folder: string, signal?: AbortSignal): Promise<Answer> {
  return git(folder, ['status', '--porcelain=v2', '--branch', '-z', '--untracked-files=normal', '--', '.', ...NEVER_SOURCES], signal);
}

export async function askRevision(folder: string, signal?: AbortSignal): Promise<RevisionAnswer> {
  // Git would look for the same, and starting it takes longer.
  if (!hasRepository(folder)) return { kind: 'no-repository', reason: 'the folder is in no Git repository' };
  const [status, time, origin, places] = await Promise.all([
    gitStatus(folder, signal),
    // --no-show-signature: log.showSignature would run gpg.
    git(folder, ['log', '-1', '--format=%ct', '--no-show-signature'], signal),
    // The value in the configuration, since `remote get-url` applies the user's own url.insteadOf: identity must not depend on it.
    git(folder, ['config', '--get', 'remote.origin.url'], signal),
    git(folder, ['rev-parse', '--absolute-git-dir', '--git-common-dir', '--show-prefix'], signal),
  ]);
  if (status.exitCode !== 0) return noRevision(status);
  const { commit, branch, dirty } = parseStatus(status.stdout);
  if (commit === undefined) return { kind: 'no-commits', reason: 'the Git repository has no commits yet' };
  // A line for each, the last perhaps empty; a path may have spaces of its own.
  const [own = '', common = '', shown = ''] = places.stdout.split('\n');
  const path = shown.replace(/\/$/, '');
  if (path !== '' && (await git(folder, ['check-ignore', '--quiet', '.'], signal)).exitCode === 0) {
    return { kind: 'ignored', reason: 'the Git repository around the folder ignores it' };
  }
  const url = origin.exitCode === 0 ? origin.stdout.trim() : '';
  return {
    kind: 'revision',
    revision: { commit, branch, dirty, commitTime: Number(time.stdout.trim()), origin: url === '' ? undefined : withoutCredentials(url), path },
    folders: { own, common: resolve(folder, common) },
  };
}

function hasRepository(folder: string): boolean {
  const above = dirname(folder);
  return existsSync(join(folder, '.git')) || (above !== folder && hasRepository(above));
}

interface Answer {
  readonly exitCode: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

async function git(folder: string, args: readonly string[], signal: AbortSignal | undefined): Promise<Answer> {
  // A repository's own configuration may name a program for core.fsmonitor: nothing of a project runs on the host.
  const safe = ['-c', 'core.fsmonitor=false'];
  return new Promise((settle) => {
    execFile(
      'git',
      [...safe, ...args],
      { cwd: folder, env: gitEnvironment(), maxBuffer: 256 * 1024 * 1024, windowsHide: true, ...(signal && { signal }) },
      (error, stdout, stderr) => {
        settle({ exitCode: error ? (error.code ?? messageOf(error)) : 0, stdout, stderr });
      },
    );
  });
}

/**
 * What a command of Git's prints.
 * @param input its standard input
 * @throws Error with what it says where it fails
 */
export async function gitBytes(folder: string, args: readonly string[], input = ''): Promise<Buffer> {
  return new Promise((resolve_, reject) => {
    const options = { cwd: folder, env: gitEnvironment(), maxBuffer: 1024 * 1024 * 1024, windowsHide: true, encoding: 'buffer' as const };
    const child = execFile('git', ['-c', 'core.fsmonitor=false', ...args], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`git ${args[0] ?? ''} failed: ${stderr.toString('utf8').trim() || messageOf(error)}`, { cause: error }));
      else resolve_(stdout);
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Without GIT_DIR and its relatives, which a hook or a rebase sets for another folder; without taking locks beside the user. */
function gitEnvironment(): NodeJS.ProcessEnv {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, GIT_PREFIX: _prefix, GIT_COMMON_DIR: _common, ...rest } = process.env;
  return { ...rest, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
}

function noRevision(status: Answer): NoRevision {
  if (status.exitCode === 'ENOENT') return { kind: 'no-git', reason: 'git is not installed' };
  if (/dubious ownership/.test(status.stderr)) {
    return { kind: 'refused', reason: 'Git does not trust the repository, since another user owns it (see git config safe.directory)' };
  }
  if (/not a git repository/i.test(status.stderr)) return { kind: 'no-repository', reason: 'the folder is in no Git repository' };
  return { kind: 'failed', reason: `git status failed: ${status.stderr.trim().split('\n')[0] || String(status.exitCode)}` };
}

/** https://git-scm.com/docs/git-status#_porcelain_format_version_2 */
function parseStatus(text: string): { commit: string | undefined; branch: string | undefined; dirty: boolean } {
  let commit: string | undefined;
  let branch: string | undefined;
  let dirty = false;
  for (const record of text.split('\0')) {
    if (record === '') continue;
    const header = /^# (\S+) (.*)$/s.exec(record);
    if (!header) dirty = true;
    else if (header[1] === 'branch.oid') commit = header[2] === '(initial)' ? undefined : header[2];
    else if (header[1] === 'branch.head') branch = header[2] === '(detached)' ? undefined : header[2];
  }
  return { commit, branch, dirty };
}

/** Drops user and password of a web URL, where tokens stand, and the password of any other; `git@host:path` stays. */
export function withoutCredentials(url: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return url;
  try {
    const parsed = new URL(url);
    parsed.password = '';
    if (/^https?:$/.test(parsed.protocol)) {
      parsed.username = '';
      parsed.search = '';
    }
    parsed.hash = '';
    return parsed.href;
  } catch {
    return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
  }
}

/** `polls-1a2b3c4d`: the same in every clone of one repository; without an origin, of one folder. */
export function projectId(project: Pick<Project, 'normalizedName' | 'root'>, revision: Pick<Revision, 'origin' | 'path'> | undefined): string {
  const identity = revision?.origin === undefined ? project.root : `${revision.origin}\n${revision.path}`;
  return `${project.normalizedName}-${createHash('sha256').update(identity).digest('hex').slice(0, 8)}`;
}
