/**
 * What Git said about folders, for a process that looks often: starting git takes longer than all else in looking whether
 * something changed. It is asked again when a file moved in which Git keeps the answer.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { askDirty, askRevision } from './revision.js';
import type { GitFolders, Revision } from './revision.js';

interface Entry {
  readonly revision: Revision;
  readonly folders: GitFolders;
  readonly stamp: string;
  /** The digest of the sources for which `revision.dirty` holds; undefined until it is known. */
  readonly digest: string | undefined;
}

export class RevisionMemory {
  private readonly entries = new Map<string, Entry>();

  /** Whether it is dirty may be of an earlier state of the sources: `settle` tells. */
  async read(folder: string): Promise<Revision | undefined> {
    const known = this.entries.get(folder);
    if (known && known.stamp === (await stampOf(known.folders))) return known.revision;
    this.entries.delete(folder);
    const answer = await askRevision(folder);
    if (answer.kind !== 'revision') return undefined;
    const { revision, folders } = answer;
    this.entries.set(folder, { revision, folders, stamp: await stampOf(folders), digest: undefined });
    return revision;
  }

  /** @param digest of the sources as they are now */
  async settle(folder: string, digest: string): Promise<Revision | undefined> {
    const known = this.entries.get(folder);
    if (!known || known.digest === digest) return known?.revision;
    // Just asked, beside the reading of the sources; a change between the two gives another digest the next time.
    const dirty = known.digest === undefined ? known.revision.dirty : await askDirty(folder);
    const revision = { ...known.revision, dirty };
    this.entries.set(folder, { ...known, revision, digest });
    return revision;
  }
}

/** Changes with the commit that is checked out, with what is staged, with the remotes and with what is ignored. */
async function stampOf({ own, common }: GitFolders): Promise<string> {
  const head = await readFile(join(own, 'HEAD'), 'utf8').catch(() => '');
  const ref = /^ref: (\S+)/.exec(head)?.[1];
  const files = [
    join(own, 'index'),
    join(common, 'config'),
    join(common, 'packed-refs'),
    join(common, 'info', 'exclude'),
    join(common, 'reftable', 'tables.list'),
    ...(ref === undefined ? [] : [join(common, ref)]),
  ];
  const stamps = await Promise.all(
    files.map(async (file) => {
      const found = await stat(file, { bigint: true }).catch(() => undefined);
      return found ? `${found.mtimeNs} ${found.size} ${found.ino}` : '-';
    }),
  );
  return [head, ...stamps].join('\n');
}
