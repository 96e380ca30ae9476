/** Writes zip archives, also such as no good tool would write. */
import { createHash } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipMember {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly stored?: boolean;
  readonly encrypted?: boolean;
  readonly zip64?: boolean;
  readonly method?: number;
  readonly crc?: number;
  /** What the directory says of the length. */
  readonly claimedSize?: number;
}

export function writeZip(members: readonly ZipMember[], options: { readonly comment?: string; readonly zip64?: boolean } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const member of members) {
    const content = Buffer.from(member.content);
    const packed = member.stored ? content : deflateRawSync(content);
    const name = Buffer.from(member.path);
    const method = member.method ?? (member.stored ? 0 : 8);
    const crc = member.crc ?? crc32(content);
    const flags = 0x800 | (member.encrypted ? 1 : 0);
    const size = member.claimedSize ?? content.length;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(crc, 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(size, 22);
    local.writeUInt16LE(name.length, 26);
    const extra = Buffer.alloc(member.zip64 ? 28 : 0);
    if (member.zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(size), 4);
      extra.writeBigUInt64LE(BigInt(packed.length), 12);
      extra.writeBigUInt64LE(BigInt(at), 20);
    }
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc, 16);
    central.writeUInt32LE(member.zip64 ? 0xffffffff : packed.length, 20);
    central.writeUInt32LE(member.zip64 ? 0xffffffff : size, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(member.zip64 ? 0xffffffff : at, 42);
    directory.push(central, name, extra);
    parts.push(local, name, packed);
    at += local.length + name.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(options.zip64 ? 0xffff : members.length, 8);
  end.writeUInt16LE(options.zip64 ? 0xffff : members.length, 10);
  end.writeUInt32LE(options.zip64 ? 0xffffffff : list.length, 12);
  end.writeUInt32LE(options.zip64 ? 0xffffffff : at, 16);
  const comment = Buffer.from(options.comment ?? '');
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, list, ...(options.zip64 ? [endOf64(members.length, list.length, at)] : []), end, comment]);
}

function endOf64(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(56 + 20);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(size), 40);
  end.writeBigUInt64LE(BigInt(offset), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(offset + size), 64);
  end.writeUInt32LE(1, 72);
  return end;
}

export interface WheelParts {
  readonly name?: string;
  readonly version?: string;
  readonly metadata?: string;
  readonly wheel?: string;
  readonly record?: string;
  readonly scripts?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** The members of a wheel that is right in every respect, unless told otherwise. */
export function wheelMembers({
  name = 'polls',
  version = '1.4.0',
  metadata,
  wheel,
  record,
  scripts,
  files = { 'polls/__init__.py': '' },
}: WheelParts = {}): ZipMember[] {
  const info = `${name}-${version}.dist-info`;
  const all: Record<string, string> = {
    ...files,
    [`${info}/METADATA`]: metadata ?? `Metadata-Version: 2.4\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: wheel ?? 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    ...(scripts !== undefined && { [`${info}/entry_points.txt`]: scripts }),
  };
  const lines = Object.entries(all).map(
    ([file, content]) => `${file},sha256=${createHash('sha256').update(content).digest('base64url')},${Buffer.byteLength(content)}`,
  );
  return [
    ...Object.entries(all).map(([path, content]) => ({ path, content })),
    { path: `${info}/RECORD`, content: record ?? [...lines, `${info}/RECORD,,`, ''].join('\n') },
  ];
}
