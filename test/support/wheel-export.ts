/** The export of a project, with wheels that are real and small. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { exportWheelhouse, type ExportedWheel } from '../../src/core/wheels/export.js';
import type { LockedWheel, WheelhouseLock } from '../../src/core/wheels/lock.js';
import { wheelMembers, type WheelParts, writeZip } from '../unit/wheels/zip-writer.js';

export interface SmallWheel extends WheelParts {
  readonly name: string;
  readonly version: string;
  /** Default: py3-none-any. */
  readonly tag?: string;
}

export const ENVIRONMENT = { python: '3.13.5', machine: 'x86_64', glibc: '2.41' };

export function smallWheel({ tag = 'py3-none-any', ...parts }: SmallWheel): ExportedWheel & { readonly content: Buffer } {
  const content = writeZip(wheelMembers(parts));
  const { name, version } = parts;
  const sha256 = createHash('sha256').update(content).digest('hex');
  const file = `${name}-${version}-${tag}.whl`;
  return { content, locked: { name, version, file, path: file, size: content.length, sha256, role: 'dependency' } };
}

/** @returns the lock as it was written: its paths are those of the export in `target/pypackage/TARGET` */
export function writeExport(root: string, target: string, application: SmallWheel, dependencies: readonly SmallWheel[]): Promise<WheelhouseLock> {
  const as = (wheel: ExportedWheel, more: Partial<LockedWheel>): ExportedWheel => ({ ...wheel, locked: { ...wheel.locked, ...more } });
  const wheels = [
    as(smallWheel(application), { role: 'application' }),
    ...dependencies.map((parts) => {
      const wheel = smallWheel(parts);
      return as(wheel, { origin: { kind: 'wheel', url: `https://files.example/${wheel.locked.file}`, sha256: wheel.locked.sha256 } });
    }),
  ];
  const lock = { python: '3.13', extras: [], wheels: wheels.map(({ locked }) => locked), fingerprints: { application: 'a', dependencies: 'd' } };
  return exportWheelhouse(join(root, 'target/pypackage', target), { ...lock, environment: ENVIRONMENT }, wheels);
}
