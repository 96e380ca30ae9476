/** Which steps of a Dockerfile run in a container of ours on Podman, and what that container needs. */
import { createHash } from 'node:crypto';
import type { PackedFile } from '../tar.js';
import type { Instruction } from './dockerfile-instructions.js';

export interface ContainerStep {
  /** For `/bin/sh`. */
  readonly command: string;
  readonly files: readonly PackedFile[];
  readonly caches: readonly { readonly volume: string; readonly target: string; readonly isLocked: boolean }[];
}

/** undefined where the step needs no secret, or asks for something that only a build has. */
export function containerStep({ word, text }: Instruction, files: Readonly<Record<string, string | Uint8Array>>): ContainerStep | undefined {
  if (word !== 'RUN') return undefined;
  const flags = [...text.matchAll(/\s--(\w+)=(\S+)/g)].filter((flag) => isBefore(text, flag.index));
  const mounts = flags.map(([, , value = '']) => options(value));
  const command = text.replace(/^\w+(?:\s+--\w+=\S+)*\s+/, '');
  if (!mounts.some(({ type }) => type === 'secret') || flags.some(([, name]) => name !== 'mount')) return undefined;
  if (command.startsWith('[') || /<<-?["']?\w/.test(text)) return undefined;
  const step: { files: PackedFile[]; caches: ContainerStep['caches'][number][] } = { files: [], caches: [] };
  for (const mount of mounts) {
    const target = mount['target'] ?? '';
    if (mount['type'] === 'secret') {
      // Podman's build says which one is missing.
      if (target !== '' || mount['required'] !== undefined) return undefined;
    } else if (mount['type'] === 'cache' && target !== '') {
      step.caches.push({ volume: cacheVolume(mount['id'] ?? target), target, isLocked: mount['sharing'] === 'locked' });
    } else if (mount['type'] === 'bind' && mount['from'] === undefined && target !== '') {
      const content = files[mount['source'] ?? ''];
      if (content === undefined) return undefined;
      step.files.push({ path: target, content, mode: 0o644 });
    } else return undefined;
  }
  return { command, ...step };
}

/** Flags stand before the command. */
function isBefore(text: string, at: number): boolean {
  return /^\w+(?:\s+--\w+=\S+)*$/.test(text.slice(0, at).trimEnd());
}

function options(value: string): Readonly<Record<string, string>> {
  return Object.fromEntries(value.split(',').map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)]));
}

/** A cache is shared by all projects of an engine, as BuildKit's are. */
function cacheVolume(id: string): string {
  const plain = id.replace(/[^\w.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return `pypackage-build-${plain === id ? id : `${plain}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`}`;
}
