import { describe, expect, test } from 'vitest';
import type { WheelContents } from '../../../src/core/wheels/wheel-documents.js';
import { parseValue } from '../../../src/protocol/worker.js';
import { html } from '../../../src/vscode/wheel-editor/markup.js';
import { parseWheelMessage } from '../../../src/vscode/wheel-editor/wheel-message.js';
import { problemPage, readingPage, wheelPage, type PageFrame } from '../../../src/vscode/wheel-editor/wheel-page.js';

const FRAME: PageFrame = {
  language: 'en',
  source: 'https://*.vscode-cdn.net',
  style: 'https://cdn/wheel.css',
  script: 'https://cdn/wheel.js',
  nonce: 'n0nce',
};
/** Without a space, which would end an address. */
const EVIL = `"></style><script>alert('x')</script><img/src=x/onerror="y">&`;
const CONTENTS: WheelContents = {
  file: 'polls-1.4.0-py3-none-any.whl',
  name: 'polls',
  version: '1.4.0',
  tags: ['py3-none-any'],
  size: 96_000,
  modified: Date.UTC(2026, 0, 2, 3, 4),
  sha256: 'a'.repeat(64),
  summary: 'Questions',
  requiresPython: '>=3.10',
  requires: ['Django~=5.2.0', 'pytest>=8; extra == "test"'],
  extras: ['test'],
  headers: [
    { name: 'License-Expression', values: ['MIT'] },
    {
      name: 'Project-URL',
      values: ['Source, https://example.org/polls?a=1&b="2"', 'Chat, irc://example.org', 'Run, javascript:alert(1)', 'Open, command:workbench.action.quit'],
    },
    { name: 'Home-page', values: ['https://example.org'] },
  ],
  description: { text: '# Polls', type: 'text/markdown', isCut: false },
  entryPoints: [{ group: 'console_scripts', name: 'polls', value: 'polls.cli:main' }],
  files: [
    { path: 'polls/a.py', size: 3 },
    { path: 'polls-1.4.0.dist-info/RECORD', size: 9 },
  ],
  moreFiles: 0,
  unrecorded: [],
  missing: [],
  locked: 'as locked',
};

/** Every string in it is hostile. */
function hostile(value: unknown): unknown {
  if (typeof value === 'string') return `${value}${EVIL}`;
  if (Array.isArray(value)) return value.map(hostile);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hostile(item)]));
  return value;
}

const tagsOf = (page: string): readonly string[] => [...page.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([, name = '']) => name.toLowerCase());

describe('the page of a wheel', () => {
  test('has what METADATA says, with addresses of pages as links and no others', () => {
    const page = wheelPage(CONTENTS, FRAME);
    for (const text of [
      'polls',
      '1.4.0',
      'Questions',
      '96 KB',
      'Python &gt;=3.10',
      'Django~=5.2.0',
      'MIT',
      'console_scripts',
      '2026-01-02 03:04 UTC',
      'a'.repeat(64),
    ])
      expect(page).toContain(text);
    expect([...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
      FRAME.style,
      'https://example.org/polls?a=1&amp;b=&quot;2&quot;',
      'https://example.org',
    ]);
    expect(page).toContain('Run, javascript:alert(1)');
  });

  test('is text wherever it comes from a file: nothing of it becomes markup', () => {
    const { locked, ...texts } = CONTENTS;
    const given = parseValue('readWheel', hostile(texts));
    const page = wheelPage({ ...given, ...(locked && { locked }) }, FRAME);
    const plain = wheelPage(CONTENTS, FRAME);
    expect(new Set(tagsOf(page))).toEqual(new Set(tagsOf(plain)));
    expect(page.match(/<script\b[^>]*>/g)).toEqual([`<script nonce="n0nce" src="${FRAME.script}">`]);
    expect(page).not.toContain('<img');
    const problem = problemPage(EVIL, { kind: 'stage', code: 'wheel-invalid', message: EVIL, why: EVIL, fix: EVIL }, FRAME);
    expect(problem.match(/<script\b[^>]*>/g)).toHaveLength(1);
    expect(problem).not.toContain('<img');
  });

  test('may load its own style and script, and nothing else', () => {
    for (const page of [wheelPage(CONTENTS, FRAME), readingPage('a.whl', FRAME), problemPage('a.whl', { kind: 'stage', code: 'x', message: 'y' }, FRAME)]) {
      expect(page).toContain(
        `http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src https://*.vscode-cdn.net; script-src &#39;nonce-n0nce&#39;"`,
      );
      expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
    }
  });

  test('says what is not as it should be', () => {
    const text = (more: Partial<WheelContents>): string => wheelPage({ ...CONTENTS, ...more }, FRAME);
    expect(text({})).toContain('Its hash is the one in the lock of this export.');
    expect(text({ locked: 'other' })).toContain('It is not the wheel that was locked');
    expect(text({ locked: 'unlisted' })).toContain('The lock of this export does not name it.');
    const names = Array.from({ length: 12 }, (_, i) => `stray${i}.py`);
    expect(text({ unrecorded: names, missing: ['gone.py'] })).toMatch(/gone\.py[^]*stray9\.py[^]*and 2 more/);
    expect(text({ moreFiles: 7 })).toContain('7 more files are not listed');
    const { sha256: _, ...unhashed } = CONTENTS;
    expect(wheelPage(unhashed, FRAME)).not.toContain('data-copy="hash"');
  });

  test('has few files open and many closed', () => {
    expect(wheelPage(CONTENTS, FRAME)).toContain('<details open>');
    const files = Array.from({ length: 50 }, (_, i) => ({ path: `polls/${i}.py`, size: 1 }));
    expect(wheelPage({ ...CONTENTS, files }, FRAME)).not.toContain('<details open>');
  });
});

describe('markup', () => {
  test('escapes what is filled in, but not what it has made itself', () => {
    expect(html`<p title="${'"a"'}">${html`<b>${'<'}</b>`}${[html`1`, html`2`]}${3}</p>`.text).toBe('<p title="&quot;a&quot;"><b>&lt;</b>123</p>');
  });
});

describe('messages of the page', () => {
  test('are taken in their form only', () => {
    expect(parseWheelMessage({ type: 'copy', what: 'hash' })).toEqual({ type: 'copy', what: 'hash' });
    expect(parseWheelMessage({ type: 'copy', what: 'requirement', more: 1 })).toEqual({ type: 'copy', what: 'requirement' });
    for (const other of [null, 'copy', {}, { type: 'copy' }, { type: 'copy', what: 'file' }, { type: 'run', what: 'hash' }])
      expect(parseWheelMessage(other)).toBeUndefined();
  });
});
