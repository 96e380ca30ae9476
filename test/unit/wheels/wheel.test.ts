import { createHash } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConsoleScripts, parseHeaders, parseRecord, verifyRecord } from '../../../src/core/wheels/metadata.js';
import { readWheel, readWheelBuffer } from '../../../src/core/wheels/wheel.js';
import { parseWheelName } from '../../../src/core/wheels/wheel-name.js';
import { makeFolder, unprivileged, userErrorOf } from '../project/folder.js';
import { wheelMembers, writeZip, type ZipMember } from './zip-writer.js';

const FILE = 'polls-1.4.0-py3-none-any.whl';
const METADATA = `Metadata-Version: 2.4
Name: Polls
Version: 1.4.0
Summary: Questions
  and answers
Requires-Python: >=3.10
Provides-Extra: test
Requires-Dist: Django~=5.2.0
Requires-Dist: pytest>=8; extra == "test"

Name: not-this
`;

describe('a wheel', () => {
  const members = wheelMembers({ metadata: METADATA, scripts: '[console_scripts]\nPolls = polls.cli:main [x]\n# a = b\n[gui_scripts]\nwindow = polls:w\n' });

  test('says what it is', async () => {
    const content = writeZip(members, { comment: 'PK\u0005\u0006 a comment that looks like an end' });
    const wheel = await readWheelBuffer(FILE, content);
    expect(wheel).toEqual({
      fileName: FILE,
      name: 'Polls',
      normalizedName: 'polls',
      version: '1.4.0',
      tags: ['py3-none-any'],
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      requiresPython: '>=3.10',
      requiresDist: ['Django~=5.2.0', 'pytest>=8; extra == "test"'],
      providesExtra: ['test'],
      summary: 'Questions\nand answers',
      consoleScripts: new Map([['Polls', 'polls.cli:main']]),
      record: wheel.record,
    });
    expect(wheel.record.map((entry) => entry.path)).toEqual(members.map((member) => member.path));
    expect(wheel.record.at(-1)).toEqual({ path: 'polls-1.4.0.dist-info/RECORD', hash: undefined, size: undefined });
  });

  test('is the same read from a file', async () => {
    const content = writeZip(members);
    const root = await makeFolder({ [FILE]: content });
    expect(await readWheel(path.join(root, FILE))).toEqual(await readWheelBuffer(FILE, content));
    // A view into a larger buffer is read at its own place.
    const larger = Buffer.concat([Buffer.alloc(100), content, Buffer.alloc(50)]);
    expect(await readWheelBuffer(FILE, new Uint8Array(larger.buffer, larger.byteOffset + 100, content.length))).toEqual(await readWheelBuffer(FILE, content));
  });

  test.each<[string, (members: ZipMember[]) => Buffer]>([
    ['stored', (all) => writeZip(all.map((member) => ({ ...member, stored: true })))],
    ['with zip64 entries', (all) => writeZip(all.map((member) => ({ ...member, zip64: true })))],
    ['with a zip64 directory', (all) => writeZip(all, { zip64: true })],
  ])('is read %s', async (_, write) => {
    expect(await readWheelBuffer(FILE, write(members))).toMatchObject({ name: 'Polls', requiresDist: ['Django~=5.2.0', 'pytest>=8; extra == "test"'] });
  });

  test('may hold another project’s .dist-info deeper inside, and a name written otherwise', async () => {
    const content = writeZip(wheelMembers({ name: 'My_Polls.App', version: '1.0', files: { 'a/_vendor/x-1.dist-info/METADATA': 'Name: x' } }));
    expect(await readWheelBuffer('my_polls_app-1.0-py3-none-any.whl', content)).toMatchObject({ normalizedName: 'my-polls-app' });
  });
});

describe('what is no valid wheel', () => {
  const info = 'polls-1.4.0.dist-info';
  const good = wheelMembers();
  const replace = (file: string, change: Partial<ZipMember>): ZipMember[] =>
    good.map((member) => (member.path === `${info}/${file}` ? { ...member, ...change } : member));

  test.each<[string, Buffer, RegExp]>([
    ['empty', Buffer.alloc(0), /no zip archive/],
    ['text', Buffer.from('<html>not found</html>'), /no zip archive/],
    ['cut', writeZip(good).subarray(0, -30), /no zip archive/],
    ['cut at the start', writeZip(good).subarray(200), /./],
    ['encrypted', writeZip(replace('METADATA', { encrypted: true })), /METADATA in it is encrypted/],
    ['leading out', writeZip([...good, { path: '../evil.py', content: '' }]), /"\.\.\/evil\.py", which leads out/],
    ['leading out in the middle', writeZip([...good, { path: 'a/../../evil.py', content: '' }]), /leads out/],
    ['absolute', writeZip([...good, { path: '/etc/x', content: '' }]), /leads out/],
    ['with backslashes', writeZip([...good, { path: 'a\\..\\x', content: '' }]), /leads out/],
    ['with two RECORDs', writeZip([...good, { path: `${info}/RECORD`, content: '' }]), /RECORD 2 times/],
    ['with two METADATAs', writeZip([...good, { path: `${info}/METADATA`, content: '' }]), /METADATA 2 times/],
    ['without RECORD', writeZip(good.filter((member) => !member.path.endsWith('RECORD'))), /no polls-1\.4\.0\.dist-info\/RECORD/],
    ['without METADATA', writeZip(good.filter((member) => !member.path.endsWith('METADATA'))), /no polls-1\.4\.0\.dist-info\/METADATA/],
    ['without .dist-info', writeZip([{ path: 'a.py', content: '' }]), /no \.dist-info/],
    ['with two .dist-info', writeZip([...good, { path: 'other-1.dist-info/METADATA', content: '' }]), /more than one \.dist-info/],
    ['of another project', writeZip(wheelMembers({ name: 'other' })), /of another project/],
    ['of another name inside', writeZip(wheelMembers({ metadata: 'Name: other\nVersion: 1.4.0\n' })), /METADATA is of other/],
    ['of another version inside', writeZip(wheelMembers({ metadata: 'Name: polls\nVersion: 1.5\n' })), /version 1\.5, not 1\.4\.0/],
    ['of a format to come', writeZip(wheelMembers({ wheel: 'Wheel-Version: 2.0\n' })), /version 2\.0/],
    ['with a damaged RECORD', writeZip(wheelMembers({ record: 'a.py,sha256=x\n' })), /RECORD is damaged/],
    ['with damaged content', writeZip(replace('METADATA', { crc: 1 })), /content of .*METADATA in it is damaged/],
    ['longer than announced', writeZip(replace('METADATA', { content: 'x'.repeat(1_000_000), claimedSize: 10 })), /damaged/],
    ['compressed otherwise', writeZip(replace('METADATA', { method: 93 })), /method that wheels do not use \(93\)/],
    ['larger than can be', writeZip(replace('METADATA', { claimedSize: 0x7fffffff })), /larger than/],
  ])('%s: one error that names the file', async (_, content, message) => {
    const error = await userErrorOf(readWheelBuffer(FILE, content));
    expect(error).toMatchObject({ kind: 'stage', code: 'wheel-invalid', where: { file: FILE } });
    expect(error.message).toMatch(message);
    // The same from a file.
    const root = await makeFolder({ [FILE]: content });
    expect((await userErrorOf(readWheel(path.join(root, FILE)))).message).toMatch(message);
  });

  test('missing, unreadable, or badly named', async () => {
    const root = await makeFolder();
    expect((await userErrorOf(readWheel(path.join(root, FILE)))).message).toContain('ENOENT');
    await writeFile(path.join(root, FILE), writeZip(good));
    await chmod(path.join(root, FILE), 0);
    expect((await unprivileged(() => userErrorOf(readWheel(path.join(root, FILE))))).message).toContain('EACCES');
    expect((await userErrorOf(readWheelBuffer('polls.whl', writeZip(good)))).message).toContain('PEP 427');
  });
});

describe('names of wheels', () => {
  test.each([
    ['polls-1.4.0-py3-none-any.whl', 'polls', '1.4.0', undefined, ['py3-none-any']],
    ['My_App-1.0+local.1-2abc-cp313-cp313-linux_x86_64.whl', 'my-app', '1.0+local.1', '2abc', ['cp313-cp313-linux_x86_64']],
    ['six-1.17.0-py2.py3-none-any.whl', 'six', '1.17.0', undefined, ['py2-none-any', 'py3-none-any']],
    [
      'n-2!1.0.post1-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      'n',
      '2!1.0.post1',
      undefined,
      ['cp39-abi3-manylinux_2_17_x86_64', 'cp39-abi3-manylinux2014_x86_64'],
    ],
  ])('%s', (file, normalizedName, version, build, tags) => {
    expect(parseWheelName(file)).toMatchObject({ normalizedName, version, build, tags });
  });

  test.each([
    'polls-1.4.0.tar.gz',
    'polls-1.4.0-py3-none.whl',
    'polls-one-py3-none-any.whl',
    'po lls-1-py3-none-any.whl',
    'a/polls-1-py3-none-any.whl',
    'polls-1-x-py3-none-any.whl',
  ])('%s is none', (file) => {
    expect(parseWheelName(file)).toBeUndefined();
  });
});

describe('the texts in it', () => {
  test('headers end at the empty line, and fold', () => {
    const headers = parseHeaders('A: 1\r\nLicense: one\r\n\ttwo\r\n        three\r\na: 2\r\nbroken line\r\n\r\nA: 3\r\n');
    expect([...headers]).toEqual([
      ['a', ['1', '2']],
      ['license', ['one\ntwo\nthree']],
    ]);
  });

  test('scripts keep their case', () => {
    expect(parseConsoleScripts('[other]\nx = y:z\n[console_scripts]\nDo-It.now=a.b : c\n')).toEqual(new Map([['Do-It.now', 'a.b:c']]));
    expect(parseConsoleScripts('')).toEqual(new Map());
  });

  test('RECORD is CSV with quotes', () => {
    expect(parseRecord('"a,b ""c"".py",sha256=x,3\r\n"new\nline",,\nlast,sha256=y,0')).toEqual([
      { path: 'a,b "c".py', hash: 'sha256=x', size: 3 },
      { path: 'new\nline', hash: undefined, size: undefined },
      { path: 'last', hash: 'sha256=y', size: 0 },
    ]);
    expect(parseRecord('')).toEqual([]);
    for (const bad of ['a,b', 'a,b,c', 'a,"b"c,1', ',sha256=x,1', 'a,b,1,2']) expect(parseRecord(bad)).toBeUndefined();
  });

  test('RECORD is compared with files', () => {
    const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
    const hash = (text: string): string => `sha256=${createHash('sha256').update(text).digest('base64url')}`;
    const record = [
      { path: 'a.py', hash: hash('a'), size: 1 },
      { path: 'b.py', hash: hash('b'), size: 1 },
      { path: 'c.py', hash: hash('c'), size: 1 },
      { path: 'd.py', hash: 'md5=x', size: 1 },
      { path: 'x.dist-info/RECORD', hash: undefined, size: undefined },
    ];
    const files = new Map([
      ['a.py', sha('a')],
      ['b.py', sha('changed')],
      ['d.py', sha('d')],
      ['other.py', sha('o')],
    ]);
    expect(verifyRecord(record, files)).toEqual([
      { path: 'b.py', kind: 'different' },
      { path: 'c.py', kind: 'missing' },
      { path: 'd.py', kind: 'unknown-algorithm' },
    ]);
  });
});
