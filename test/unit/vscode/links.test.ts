/** Places in what tools print, and how little it costs to look for them. */
import { describe, expect, test } from 'vitest';
import { DocumentScan, linksIn } from '../../../src/vscode/links.js';

describe('a line', () => {
  test.each([
    ['a traceback', '    File "/src/polls/views.py", line 12, in index', '/src/polls/views.py", line 12', { path: '/src/polls/views.py', line: 12 }],
    ['a traceback relative to the start', '  File "setup.py", line 3', 'setup.py", line 3', { path: 'setup.py', line: 3 }],
    [
      'an installed module',
      '/appenv/lib/python3.13/site-packages/polls/settings.py:7: Warning',
      '/appenv/lib/python3.13/site-packages/polls/settings.py:7',
      { path: '/appenv/lib/python3.13/site-packages/polls/settings.py', line: 7 },
    ],
    ['a site', 'in /application/mysite/urls.py.', '/application/mysite/urls.py', { path: '/application/mysite/urls.py' }],
    ['gcc', '    ext/fast.c:3:5: error: no', 'ext/fast.c:3:5', { path: 'ext/fast.c', line: 3, column: 5 }],
    ['gcc, absolute', '/src/src/ext/x.c:12:3: error: no', '/src/src/ext/x.c:12:3', { path: '/src/src/ext/x.c', line: 12, column: 3 }],
    ['pytest', 'polls/tests.py:12: AssertionError', 'polls/tests.py:12', { path: 'polls/tests.py', line: 12 }],
    ['rustc', '  --> src/lib.rs:7:9', 'src/lib.rs:7:9', { path: 'src/lib.rs', line: 7, column: 9 }],
    ['ours', '  where  polls/settings.py:7:2', 'polls/settings.py:7:2', { path: 'polls/settings.py', line: 7, column: 2 }],
    ['ours, without a line', '  where  pyproject.toml', 'pyproject.toml', { path: 'pyproject.toml' }],
    ['of the log file', '12:04:55.470 wheels | ext/fast.c:3:5: error', 'ext/fast.c:3:5', { path: 'ext/fast.c', line: 3, column: 5 }],
    ['in brackets', '(see /src/docs/a.md)', '/src/docs/a.md', { path: '/src/docs/a.md' }],
  ])('of %s', (_name, text, shown, expected) => {
    const links = linksIn(text);
    expect(links).toHaveLength(1);
    expect(links[0]).toMatchObject(expected);
    const { start = 0, length = 0 } = links[0] ?? {};
    expect(text.slice(start, start + length)).toBe(shown);
  });

  test.each([
    'Collecting django>=5 from https://pypi.example/simple/django/x.py:12',
    '12:04:55.470 wheels: 1 built in 848 ms',
    'listening at 127.0.0.1:8000 and app.example.org',
    'x'.repeat(100),
    `/src/a.py ${'x'.repeat(10_000)}`,
  ])('without any: %s', (text) => {
    expect(linksIn(text)).toEqual([]);
  });

  test('with several, in their order', () => {
    expect(linksIn('/src/a.py:1 and b/c.py:2 and File "/src/d.py", line 3').map(({ path, line }) => [path, line])).toEqual([
      ['/src/a.py', 1],
      ['b/c.py', 2],
      ['/src/d.py', 3],
    ]);
  });

  test('that means harm takes no time', () => {
    const started = performance.now();
    for (const text of ['a.'.repeat(900), `/src/${'a/'.repeat(900)}`, '../'.repeat(600), `${'a'.repeat(1900)}.py:`, 'a-'.repeat(900)]) linksIn(`${text} /src/`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('a document that grows', () => {
  const scanOf = (looks: string[], limits?: { readonly lines: number; readonly links: number }): DocumentScan<string> =>
    new DocumentScan<string>(
      (text) => /^log (.*)$/.exec(text)?.[1],
      (text, root) => {
        looks.push(text);
        return linksIn(text).map(({ start, length, path }) => ({ start, length, target: `${root ?? '?'}:${path}` }));
      },
      limits,
    );
  const documentOf = (lines: readonly string[]): { readonly count: number; at(line: number): string } => ({
    count: lines.length,
    at: (line) => lines[line] ?? '',
  });

  test('is read once, and each line belongs to the project that was named above it', () => {
    const looks: string[] = [];
    const scan = scanOf(looks);
    const lines = ['/src/a.py:1', 'log /polls', '/src/b.py:2', ''];
    expect(scan.links(documentOf(lines)).map(({ line, target }) => [line, target])).toEqual([
      [0, '?:/src/a.py'],
      [2, '/polls:/src/b.py'],
    ]);
    const more = [...lines.slice(0, -1), '/src/c.py:3', 'half'];
    expect(scan.links(documentOf(more)).map(({ target }) => target)).toEqual(['?:/src/a.py', '/polls:/src/b.py', '/polls:/src/c.py']);
    expect(looks).toEqual(['/src/a.py:1', 'log /polls', '/src/b.py:2', '/src/c.py:3']);
  });

  test('and begins anew when it was cleared', () => {
    const scan = scanOf([]);
    scan.links(documentOf(['log /polls', '/src/a.py:1', '/src/b.py:2', '']));
    expect(scan.links(documentOf(['/src/c.py:3', ''])).map(({ target }) => target)).toEqual(['?:/src/c.py']);
    expect(scan.links(documentOf(['other', '/src/d.py:3', ''])).map(({ target }) => target)).toEqual(['?:/src/d.py']);
  });

  test('of 100,000 lines costs little, and keeps the last links', () => {
    const looks: string[] = [];
    const scan = scanOf(looks);
    const lines = Array.from({ length: 100_000 }, (_, i) =>
      i % 10 === 0 ? `    File "/src/polls/views.py", line ${i + 1}, in f` : `    line ${i} of a build that prints much and says little`,
    );
    const started = performance.now();
    for (let count = 2_000; count <= lines.length; count += 2_000) scan.links(documentOf(lines.slice(0, count)));
    const took = performance.now() - started;
    const links = scan.links(documentOf(lines));
    expect(looks.length).toBeLessThanOrEqual(lines.length);
    expect(links).toHaveLength(2_000);
    expect(links.at(-1)?.line).toBe(99_990);
    // 0.1 s in all: 2 ms each time that it is asked.
    expect(took).toBeLessThan(3_000);
  });
});
