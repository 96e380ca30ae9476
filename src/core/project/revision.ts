/** The Git revision of a project's folder. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { messageOf } from '../errors.js';
import type { Project } from './project.js';

export interface Revision {
  /** 40 hex digits (64 in a repository with SHA-256). */
  readonly commit: string;
  /** undefined for a detached HEAD. */
  readonly branch: string | undefined;
  /** Whether the project's folder has changes, untracked files included. */
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

export type RevisionAnswer = { readonly kind: 'revision'; readonly revision: Revision } | NoRevision;

/** undefined without a repository, a commit or git; `askRevision` also says why. */
export async function readRevision(folder: string, signal?: AbortSignal): Promise<Revision | undefined> {
  const answer = await askRevision(folder, signal);
  return answer.kind === 'revision' ? answer.revision : undefined;
}

export async function askRevision(folder: string, signal?: AbortSignal): Promise<RevisionAnswer> {
  const [status, time, origin, prefix] = await Promise.all([
    git(folder, ['status', '--porcelain=v2', '--branch', '-z', '--untracked-files=normal', '--', '.'], signal),
    // --no-show-signature: log.showSignature would run gpg.
    git(folder, ['log', '-1', '--format=%ct', '--no-show-signature'], signal),
    // The value in the configuration, since `remote get-url` applies the user's own url.insteadOf: identity must not depend on it.
    git(folder, ['config', '--get', 'remote.origin.url'], signal),
    git(folder, ['rev-parse', '--show-prefix'], signal),
  ]);
  if (status.exitCode !== 0) return noRevision(status);
  const { commit, branch, dirty } = parseStatus(status.stdout);
  if (commit === undefined) return { kind: 'no-commits', reason: 'the Git repository has no commits yet' };
  // The output ends with a line feed; the prefix may have spaces of its own.
  const path = prefix.stdout.replace(/\n$/, '').replace(/\/$/, '');
  if (path !== '' && (await git(folder, ['check-ignore', '--quiet', '.'], signal)).exitCode === 0) {
    return { kind: 'ignored', reason: 'the Git repository around the folder ignores it' };
  }
  const url = origin.exitCode === 0 ? origin.stdout.trim() : '';
  return {
    kind: 'revision',
    revision: { commit, branch, dirty, commitTime: Number(time.stdout.trim()), origin: url === '' ? undefined : withoutCredentials(url), path },
  };
}

interface Answer {
  readonly exitCode: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

async function git(folder: string, args: readonly string[], signal: AbortSignal | undefined): Promise<Answer> {
  // A repository's own configuration may name a program for core.fsmonitor: nothing of a project runs on the host.
  const safe = ['-c', 'core.fsmonitor=false'];
  return new Promise((resolve) => {
    execFile(
      'git',
      [...safe, ...args],
      { cwd: folder, env: gitEnvironment(), maxBuffer: 256 * 1024 * 1024, windowsHide: true, ...(signal && { signal }) },
      (error, stdout, stderr) => {
        resolve({ exitCode: error ? (error.code ?? messageOf(error)) : 0, stdout, stderr });
      },
    );
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
