/** What the user's own command makes of the sources before they are packaged: a front end, generated code. Runs in a copy. */
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readTar } from '../../engine/tar.js';
import { UserError } from '../../errors.js';
import { CONFIG_FILE } from '../../config/read-config.js';
import { packSources } from '../../project/pack.js';
import { readSources } from '../../project/sources.js';
import type { SourceTree } from '../../project/sources.js';
import { sourceOptions } from '../facts.js';
import { runJob } from './context.js';
import type { StageContext } from './context.js';

/** The sources as they are built from: the project's, or what the command made of them. @param builder reference of its image */
export async function preparedSources(context: StageContext, builder: string): Promise<SourceTree> {
  const { facts, engine, signal, emit } = context;
  const { prebuild } = facts.config;
  if (!prebuild) return facts.sources;
  const image = prebuild.image ?? builder;
  if (prebuild.image !== undefined && !(await engine.inspectImage(prebuild.image, signal)))
    await engine.pullImage(
      prebuild.image,
      (label, current, total) => emit({ type: 'progress', stage: 'wheels', label, current, total, unit: 'bytes' }),
      signal,
    );
  const folder = path.join(context.temporary, 'prebuilt');
  const { exitCode, tail } = await runJob(context, {
    stage: 'wheels',
    step: { id: 'prebuild', name: `prebuild: ${prebuild.command}` },
    image,
    command: ['/bin/sh', '/run/pypackage/prebuild.sh', prebuild.command, prebuild.folder],
    files: [{ path: 'run/pypackage/prebuild.sh', content: SCRIPT, mode: 0o644 }],
    sources: [() => packSources(facts.sources, 'src')],
    env: { SOURCE_DATE_EPOCH: String(facts.sourceDateEpoch) },
    outputs: ['/src'],
    onArchive: (_path, tar) => unpack(tar, 'src', folder),
  });
  if (exitCode !== 0) throw failed(prebuild.command, exitCode, tail.last());
  return readSources(folder, { ...sourceOptions(facts), signal });
}

/** The command and the folder are its arguments. What is downloaded is not part of the sources, and may be many times their size. */
const SCRIPT = 'set -eu\ncd "/src/$2"\nsh -c "$1"\nfind /src -name node_modules -prune -exec rm -rf {} +\n';

function failed(command: string, exitCode: number, last: string | undefined): UserError {
  return new UserError({
    kind: 'stage',
    code: 'prebuild-failed',
    message: `prebuild ended with exit code ${exitCode}${last === undefined ? '' : `: ${last.trim()}`}`,
    where: { file: CONFIG_FILE },
    why: `Its command is ${command}`,
    fix: exitCode === 127 ? 'Name an image that has the command, under prebuild.image' : 'Its output in the log says why',
  });
}

/** Links come last, so that no file is written through one; one that leads out is refused when the folder is read. */
async function unpack(tar: Readable, prefix: string, folder: string): Promise<void> {
  const links: (readonly [file: string, target: string])[] = [];
  await mkdir(folder, { recursive: true });
  await readTar(tar, async (entry, content) => {
    const relative = path.posix.normalize(entry.path).replace(/\/$/, '');
    const file = path.join(folder, path.posix.relative(prefix, relative));
    if (relative === prefix || !relative.startsWith(`${prefix}/`)) return;
    if (entry.type === 'directory') await mkdir(file, { recursive: true });
    else if (entry.type === 'symlink') links.push([file, entry.linkname]);
    else if (entry.type === 'file') {
      await mkdir(path.dirname(file), { recursive: true });
      await pipeline(content, createWriteStream(file));
      await chmod(file, (entry.mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  });
  for (const [file, target] of links) {
    await mkdir(path.dirname(file), { recursive: true });
    await symlink(target, file);
  }
}
