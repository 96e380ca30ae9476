/** The Git revision of a project's folder. */
export interface Revision {
  /** 40 hex digits. */
  readonly commit: string;
  /** undefined for a detached HEAD. */
  readonly branch: string | undefined;
  /** Whether the project's folder has changes, untracked files included. */
  readonly dirty: boolean;
  /** Seconds since 1970. */
  readonly commitTime: number;
  /** URL of `origin` without credentials. */
  readonly origin: string | undefined;
  /** The project's folder relative to the repository's root; empty when they are the same. */
  readonly path: string;
}

// export async function readRevision(folder: string): Promise<Revision | undefined>   undefined: no repository, or no git
// export function projectId(project: {name, root}, revision): string  `polls-1a2b3c4d` (DESIGN: Project id)
