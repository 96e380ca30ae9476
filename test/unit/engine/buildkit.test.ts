import { describe, expect, it } from 'vitest';
import { linesOfStep } from '../../../src/core/engine/dockerode/buildkit/dockerfile-lines.js';
import { buildFailure } from '../../../src/core/engine/dockerode/buildkit/failure.js';
import { MemoryTree } from '../../../src/core/engine/dockerode/buildkit/memory-tree.js';
import { Reader, Writer } from '../../../src/core/engine/dockerode/buildkit/protobuf.js';
import { Trace } from '../../../src/core/engine/dockerode/buildkit/trace.js';
import type { TraceEvent } from '../../../src/core/engine/dockerode/buildkit/trace.js';
import { BuildFailure } from '../../../src/core/engine/engine.js';

describe('protobuf', () => {
  it('reads what it writes, and skips unknown fields', () => {
    const bytes = new Writer()
      .uint(1, 300)
      .string(2, 'ä')
      .int64(3, -1n)
      .int64(4, 1_700_000_000_000_000_001n)
      .bytes(9, Uint8Array.of(1, 2))
      .uint(5, 4_294_967_296)
      .finish();
    const reader = new Reader(bytes);
    const seen: Record<number, unknown> = {};
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1 || field === 5) seen[field] = reader.uint();
      else if (field === 2) seen[field] = reader.string();
      else if (field === 3 || field === 4) seen[field] = reader.int64();
      else reader.skip();
    }
    expect(seen).toEqual({ 1: 300, 2: 'ä', 3: -1n, 4: 1_700_000_000_000_000_001n, 5: 4_294_967_296 });
  });

  it('refuses a message that ends early', () => {
    const bytes = new Writer().string(1, 'hello').finish();
    const reader = new Reader(bytes.subarray(0, 4));
    reader.next();
    expect(() => reader.string()).toThrow('truncated');
  });
});

describe('MemoryTree', () => {
  it('lists parents first and siblings by the bytes of their names', () => {
    const tree = new MemoryTree({ 'a/b': 'x', 'a-b': '', 'a.b': '', 'a/a/c': '', '🐍': '', ｚ: '' });
    expect(tree.list().map((stat) => stat.path)).toEqual(['a', 'a/a', 'a/a/c', 'a/b', 'a-b', 'a.b', 'ｚ', '🐍']);
  });

  it('dates a file by its content', () => {
    const time = (content: string): bigint | undefined => new MemoryTree({ f: content }).list()[0]?.modTime;
    expect(time('abc')).toBe(time('abc'));
    expect(time('abc')).not.toBe(time('abd'));
  });
});

describe('linesOfStep', () => {
  const dockerfile = `# syntax is not named
FROM python:3 AS tools
RUN true
ENV A=1

FROM tools AS app
WORKDIR /w
RUN one && \\
    # a comment in between
    two
COPY --from=tools /a /b
RUN <<EOT
three
EOT
USER app
RUN four
`;

  it.each([
    ['[tools 1/2] FROM docker.io/library/python:3', { start: 2, end: 2 }],
    ['[tools 2/2] RUN true', { start: 3, end: 3 }],
    ['[app 1/5] WORKDIR /w', { start: 7, end: 7 }],
    ['[app 2/5] RUN one &&     two', { start: 8, end: 10 }],
    ['[app 3/5] COPY --from=tools /a /b', { start: 11, end: 11 }],
    ['[app 4/5] RUN <<EOT (three...)', { start: 12, end: 14 }],
    ['[app 5/5] RUN four', { start: 16, end: 16 }],
    ['[linux/amd64 tools 2/2] RUN true', { start: 3, end: 3 }],
  ])('%s', (name, lines) => {
    expect(linesOfStep(dockerfile, name)).toEqual(lines);
  });

  it.each(['[internal] load build context', '[app 2/9] RUN one', '[app 1/5] RUN one', '[other 1/1] RUN x', 'exporting to image', ''])(
    'says nothing of "%s"',
    (name) => {
      expect(linesOfStep(dockerfile, name)).toBeUndefined();
    },
  );
});

describe('buildFailure', () => {
  const request = { dockerfile: 'FROM a\nRUN b\n', dockerfileName: 'Dockerfile.x', tags: [] };

  it('reads the parse errors of old and new engines', () => {
    for (const on of ['', 'on ']) {
      const failure = buildFailure(request, {
        problem: `failed to solve: dockerfile parse error ${on}line 7: unknown instruction: X`,
        step: undefined,
        missingSecrets: [],
      });
      expect(failure).toBeInstanceOf(BuildFailure);
      expect(failure).toMatchObject({ message: 'Dockerfile.x, line 7: unknown instruction: X', details: { line: 7 } });
    }
  });

  it('has the error itself for a tail where a step wrote nothing', () => {
    const failure = buildFailure(request, {
      problem: 'p',
      step: { name: '[2/2] RUN b', message: 'process "b" did not complete: exit code: 2', logTail: [] },
      missingSecrets: [],
    });
    expect(failure).toMatchObject({ details: { line: 2, exitCode: 2, logTail: ['process "b" did not complete: exit code: 2'] } });
  });

  it('blames nothing in the Dockerfile for what no step did', () => {
    expect(buildFailure(request, { problem: 'no space left on device', step: undefined, missingSecrets: [] })).toBeUndefined();
  });
});

function timestamp(ms: number): Uint8Array {
  return new Writer()
    .int64(1, BigInt(Math.floor(ms / 1000)))
    .uint(2, (ms % 1000) * 1e6)
    .finish();
}

interface Report {
  readonly cached?: boolean;
  readonly started?: number;
  readonly completed?: number;
  readonly error?: string;
}

function vertex(digest: string, { cached, started, completed, error }: Report): Uint8Array {
  const writer = new Writer()
    .string(1, digest)
    .string(3, `step ${digest}`)
    .uint(4, cached ? 1 : 0);
  if (started !== undefined) writer.bytes(5, timestamp(started));
  if (completed !== undefined) writer.bytes(6, timestamp(completed));
  return new Writer().bytes(1, writer.string(7, error ?? '').finish()).finish();
}

function log(digest: string, text: string): Uint8Array {
  return new Writer().bytes(3, new Writer().string(1, digest).uint(3, 1).bytes(4, Buffer.from(text)).finish()).finish();
}

function trace(messages: readonly Uint8Array[]): { readonly events: readonly string[]; readonly failed: string | undefined } {
  const events: TraceEvent[] = [];
  const state = new Trace((event) => events.push(event));
  for (const message of messages) void state.apply(message);
  state.finish();
  const words = events.map((event) => {
    if (event.type === 'log') return `log ${event.text}`;
    return event.type === 'done' || event.type === 'failed' ? `${event.type} ${event.digest} ${event.ms}` : `${event.type} ${event.digest}`;
  });
  return { events: words, failed: state.failed?.digest };
}

describe('Trace', () => {
  it('says each thing once, though the engine repeats itself', () => {
    const messages = [
      vertex('a', {}),
      vertex('a', { started: 1000 }),
      vertex('a', { started: 1000 }),
      vertex('a', { started: 1000, completed: 1250 }),
      vertex('a', { started: 1000, completed: 1250 }),
    ];
    expect(trace(messages).events).toEqual(['started a', 'done a 250']);
  });

  it('adds up the runs of one step', () => {
    const messages = [vertex('a', { started: 1000, completed: 1001 }), vertex('a', { started: 2000 }), vertex('a', { started: 2000, completed: 2500 })];
    expect(trace(messages).events).toEqual(['started a', 'done a 1', 'started a', 'done a 501']);
  });

  it('takes a step that was done and is then cached as cached', () => {
    expect(trace([vertex('a', { started: 1000, completed: 1001 }), vertex('a', { started: 1000, completed: 1001, cached: true })]).events).toEqual([
      'started a',
      'done a 1',
      'cached a',
    ]);
  });

  it('blames the step that failed by itself, not those that were ended because of it', () => {
    const messages = [
      vertex('a', { started: 1 }),
      vertex('b', { started: 1 }),
      vertex('a', { started: 1, completed: 2, error: 'exit code: 1' }),
      vertex('b', { started: 1, completed: 3, error: 'context canceled' }),
    ];
    expect(trace(messages).failed).toBe('a');
  });

  it('hands out the rest of a line before the end of its step', () => {
    expect(trace([vertex('a', { started: 1 }), log('a', 'one\ntw'), log('a', 'o'), vertex('a', { started: 1, completed: 2 })]).events).toEqual([
      'started a',
      'log one',
      'log two',
      'done a 1',
    ]);
  });
});
