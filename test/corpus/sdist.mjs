/** A source distribution of the package index as a folder, checked against the hash that the index names (PEP 691). */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../scripts/setup/processes.mjs';
import { SetupError } from '../../scripts/setup/say.mjs';

const INDEX = (process.env.PIP_INDEX_URL ?? 'https://pypi.org/simple').replace(/\/+$/, '');

/**
 * @param {{ name: string, version: string }} project
 * @param {{ cache: string, folder: string, signal?: AbortSignal }} places `cache`: downloads; `folder`: gets the project's folder
 * @returns {Promise<{ root: string, requiresPython: string | undefined }>}
 */
export async function unpackSdist(project, { cache, folder, signal }) {
  const file = await findSdist(project, signal);
  const archive = join(cache, file.filename);
  if (!existsSync(archive) || sha256(readFileSync(archive)) !== file.hashes.sha256) await download(file, archive, signal);
  const root = join(folder, `${project.name}-${project.version}`);
  rmSync(root, { recursive: true, force: true });
  const unpacked = `${root}.unpacked`;
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  await run('tar', ['--extract', '--gzip', '--no-same-owner', '--file', archive, '--directory', unpacked], { signal });
  const [only] = readdirSync(unpacked);
  renameSync(join(unpacked, only), root);
  rmSync(unpacked, { recursive: true });
  return { root, requiresPython: file['requires-python'] ?? undefined };
}

async function findSdist({ name, version }, signal) {
  const normalized = name.toLowerCase().replaceAll(/[-_.]+/g, '-');
  const answer = await fetch(`${INDEX}/${normalized}/`, { headers: { accept: 'application/vnd.pypi.simple.v1+json' }, signal });
  if (!answer.ok) throw new SetupError(`${INDEX} answered ${answer.status} for ${name}`);
  const page = await answer.json();
  const wanted = `${normalized}-${version}.tar.gz`;
  const found = page.files.find((file) => file.filename.toLowerCase().replace(/^(.+)-/, (_, stem) => `${stem.replaceAll(/[-_.]+/g, '-')}-`) === wanted);
  if (!found) throw new SetupError(`The index has no ${wanted}`);
  return { ...found, url: new URL(found.url, answer.url).href };
}

async function download(file, archive, signal) {
  const answer = await fetch(file.url, { signal });
  if (!answer.ok) throw new SetupError(`${file.url} answered ${answer.status}`);
  const content = Buffer.from(await answer.arrayBuffer());
  if (sha256(content) !== file.hashes.sha256) throw new SetupError(`${file.filename} is not what the index says: its sha256 differs`);
  mkdirSync(join(archive, '..'), { recursive: true });
  writeFileSync(archive, content);
}

function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}
