/** Both ends of the border between threads, over a real message channel; the core is a stand-in. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Core } from '../../../src/core/core.js';
import type { TerminalStreams } from '../../../src/core/engine/engine.js';
import { CancelledError, UserError } from '../../../src/core/errors.js';
import type { RunEvent } from '../../../src/core/pipeline/events.js';
import { type CallOptions, CoreClient, type TerminalInput, type Thread } from '../../../src/vscode/core-client.js';
import { type Answer, valueOf } from '../../../src/vscode/core-error.js';
import { type OutputLine, parseHostMessage, parseWorkerMessage } from '../../../src/protocol/worker.js';
import { serve } from '../../../src/worker/serve.js';
import { eventsOf, FAILURE, RUN_STARTED } from '../vscode/events.js';

const REQUEST = { folder: '/home/me/polls', logDir: '/home/me/logs' };
const RUN = { method: 'run', params: { ...REQUEST, verb: 'all', stages: ['base'] } } as const;

/** Answers as a test needs it; whatever it did not prepare is a mistake of the test. */
function coreOf(methods: Partial<Core>): Core {
  const unprepared = (): never => {
    throw new Error('the test did not prepare this');
  };
  return {
    describe: unprepared,
    watchObjects: unprepared,
    lookAtContainers: unprepared,
    wheels: unprepared,
    readWheel: unprepared,
    verifyWheel: unprepared,
    deleteWheels: unprepared,
    containerAction: unprepared,
    followContainer: unprepared,
    execInContainer: unprepared,
    runImage: unprepared,
    inspectObject: unprepared,
    projects: unprepared,
    owner: unprepared,
    imageContents: unprepared,
    imagePackages: unprepared,
    compareImages: unprepared,
    previewRemoval: unprepared,
    removeImages: unprepared,
    tagImage: unprepared,
    pushImage: unprepared,
    run: unprepared,
    status: unprepared,
    doctor: unprepared,
    engines: unprepared,
    askEngine: unprepared,
    dockerfile: unprepared,
    start: unprepared,
    stop: unprepared,
    fix: unprepared,
    lastRun: unprepared,
    redact: unprepared,
    logs: unprepared,
    followLogs: unprepared,
    shell: unprepared,
    runCommand: unprepared,
    previewClean: unprepared,
    clean: unprepared,
    close: () => {},
    ...methods,
  };
}

describe('the core behind a thread', () => {
  const ports: MessagePort[] = [];

  afterEach(() => {
    for (const port of ports.splice(0)) port.close();
  });

  function connect(methods: Partial<Core>): { readonly client: CoreClient; readonly onEnd: () => void; readonly near: MessagePort } {
    const { port1: near, port2: far } = new MessageChannel();
    ports.push(near, far);
    serve(far, coreOf(methods), { DOCKER_HOST: 'unix:///x' });
    const onEnd = vi.fn<() => void>();
    return { client: new CoreClient(threadOn(near), onEnd), onEnd, near };
  }

  /** A port's end is a thread's exit. */
  function threadOn(port: MessagePort): Thread {
    return {
      postMessage: (message) => port.postMessage(message),
      on: (event, listener) => (event === 'message' ? port.on('message', listener) : port.on('close', () => listener(0))),
      terminate: async () => {
        port.close();
        return 0;
      },
    };
  }

  test('replies, with the environment of the thread and not of the message', async () => {
    const stop = vi.fn<Core['stop']>(async () => ['polls-web']);
    const { client } = connect({ stop });
    expect(await client.call({ method: 'stop', params: REQUEST })).toEqual({ value: ['polls-web'] });
    expect(stop.mock.calls[0]?.[0]).toEqual({ ...REQUEST, env: { DOCKER_HOST: 'unix:///x' } });
  });

  test('sends events in order, all before the reply', async () => {
    const sent = eventsOf(
      RUN_STARTED,
      { type: 'log', stage: 'base', stream: 'stdout', text: 'one' },
      { type: 'run.finished', outcome: 'done', changed: true, ms: 5 },
    );
    const { client } = connect({
      run: async (_, onEvent) => {
        for (const event of sent) void onEvent(event);
        return { outcome: 'done', exitCode: 0, changed: true };
      },
    });
    const seen: RunEvent[] = [];
    expect(await client.call(RUN, { onEvents: (events) => seen.push(...events) })).toEqual({ value: { outcome: 'done', exitCode: 0, changed: true } });
    expect(seen).toEqual(sent);
  });

  test('keeps what a person can act on of an error', async () => {
    const { client } = connect({ status: () => Promise.reject(new UserError(FAILURE)) });
    expect(await client.call({ method: 'status', params: REQUEST })).toMatchObject({ error: FAILURE });
  });

  test('answers a call that throws at once like one that rejects', async () => {
    const { client } = connect({});
    expect(await client.call({ method: 'doctor', params: REQUEST })).toMatchObject({ error: { kind: 'defect', message: 'the test did not prepare this' } });
  });

  test('cancels one call and leaves the other', async () => {
    const waiting = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('connection reset')));
      });
    const { client } = connect({ status: (_, signal) => waiting(signal), stop: async () => [] });
    const abort = new AbortController();
    const call = client.call({ method: 'status', params: REQUEST }, { signal: abort.signal });
    const other = client.call({ method: 'stop', params: REQUEST });
    abort.abort();
    const cancelled: Answer<unknown> = await call;
    expect(() => valueOf(cancelled)).toThrow(CancelledError);
    expect(await other).toEqual({ value: [] });
    expect(client.busy).toBe(false);
  });

  test('closes when it is told to, but not before the running calls are answered', async () => {
    let resolve: (stopped: readonly string[]) => void = () => {};
    const close = vi.fn<() => void>();
    const { client, onEnd } = connect({ stop: () => new Promise((answer) => (resolve = answer)), close });
    const call = client.call({ method: 'stop', params: REQUEST });
    client.close();
    await new Promise((wake) => setTimeout(wake, 20));
    expect(close).not.toHaveBeenCalled();
    resolve(['x']);
    expect(await call).toEqual({ value: ['x'] });
    await vi.waitFor(() => expect(onEnd).toHaveBeenCalledTimes(1));
    expect(close).toHaveBeenCalledTimes(1);
  });

  test('that dies fails every call, and says it is a defect', async () => {
    const { client, onEnd, near } = connect({ stop: () => new Promise(() => {}) });
    const call = client.call({ method: 'stop', params: REQUEST });
    near.close();
    expect(await call).toMatchObject({ error: { kind: 'defect', code: 'worker-ended' } });
    expect(onEnd).toHaveBeenCalledTimes(1);
    expect(await client.call({ method: 'stop', params: REQUEST })).toMatchObject({ error: { code: 'worker-ended' } });
  });

  test('that sends what the protocol does not know is ended', async () => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    const onEnd = vi.fn<() => void>();
    const client = new CoreClient(threadOn(port1), onEnd);
    const call = client.call({ method: 'stop', params: REQUEST });
    port2.postMessage({ type: 'surprise', id: 1 });
    expect(await call).toMatchObject({ error: { code: 'worker-ended' } });
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  test('an answer of the wrong shape is an error, not a surprise later', async () => {
    const { client } = connect({ dockerfile: async () => JSON.parse('42') });
    expect(await client.call({ method: 'dockerfile', params: { ...REQUEST, image: 'base' } })).toMatchObject({ error: { kind: 'defect' } });
  });

  describe('a terminal', () => {
    const SHELL = { method: 'shell', params: { ...REQUEST, columns: 80, rows: 24 } } as const;

    /** What the core's end prints is up to the test; what it was told is kept. */
    async function open(
      shell: Core['shell'],
      options: Partial<CallOptions> = {},
    ): Promise<{ readonly input: TerminalInput; readonly code: Promise<Answer<number>>; readonly near: MessagePort }> {
      const { client, near } = connect({ shell });
      return new Promise((resolve) => {
        const code: Promise<Answer<number>> = client.call(SHELL, { ...options, onOpen: (input) => queueMicrotask(() => resolve({ input, code, near })) });
      });
    }

    test('gets what is typed and its sizes, prints bytes, and ends with the exit code', async () => {
      const seen: Uint8Array[] = [];
      const sizes: string[] = [];
      const { input, code } = await open(
        async (_, { stdin, stdout }) => {
          sizes.push(`${stdout.columns}x${stdout.rows}`);
          stdout.on('resize', () => sizes.push(`${stdout.columns}x${stdout.rows}`));
          for await (const chunk of stdin) {
            stdout.write(`<${String(chunk)}>`);
            if (String(chunk) === 'exit') break;
          }
          return 7;
        },
        { onBytes: (bytes) => seen.push(bytes) },
      );
      input.type('é');
      input.resize({ columns: 100, rows: 30 });
      await vi.waitFor(() => expect(Buffer.concat(seen).toString()).toBe('<é>'));
      input.type('exit');
      expect(await code).toEqual({ value: 7 });
      expect(Buffer.concat(seen).toString()).toBe('<é><exit>');
      expect(sizes).toEqual(['80x24', '100x30']);
      // Nobody listens any more.
      input.type('more');
    });

    const size = { columns: 90, rows: 20 };

    test.each([
      { method: 'execInContainer', params: { container: 'c', command: 'id', ...size } },
      { method: 'runImage', params: { image: 'i', what: 'shell', foreign: true, ...size } },
      { method: 'runImage', params: { image: 'i', what: { command: 'id' }, ...size } },
    ] as const)('has $method, too, with what it is asked', async (call) => {
      const asked: unknown[] = [];
      const work = async (request: unknown, { stdout }: TerminalStreams): Promise<number> => {
        asked.push(request);
        stdout.write(`${stdout.columns}x${stdout.rows}`);
        return 4;
      };
      const { client } = connect({ execInContainer: work, runImage: work });
      const seen: Uint8Array[] = [];
      expect(await client.call(call, { onBytes: (bytes) => seen.push(bytes) })).toEqual({ value: 4 });
      expect(Buffer.concat(seen).toString()).toBe('90x20');
      expect(asked).toEqual([{ ...call.params, env: { DOCKER_HOST: 'unix:///x' } }]);
    });

    test('is not flooded: the next batch comes when the last was drawn, and nothing is left out', async () => {
      const { port1: near, port2: far } = new MessageChannel();
      ports.push(near, far);
      let written = 0;
      serve(
        far,
        coreOf({
          shell: async (_, { stdout }) => {
            for (let count = 0; count < 500; count++) {
              written += 1000;
              if (!stdout.write('x'.repeat(1000))) await new Promise<void>((resolve) => stdout.once('drain', () => resolve()));
            }
            return 0;
          },
        }),
        {},
      );
      const batches: number[] = [];
      const over = new Promise<void>((resolve) => {
        near.on('message', (message: { readonly type: string; readonly bytes?: Uint8Array }) => {
          if (message.type === 'reply') resolve();
          if (message.bytes) batches.push(message.bytes.length);
        });
      });
      near.postMessage({ type: 'call', id: 1, call: SHELL });
      await vi.waitFor(() => expect(batches).toHaveLength(1));
      await new Promise((wake) => setTimeout(wake, 50));
      expect(batches).toHaveLength(1);
      expect(written).toBeLessThan(100_000);
      const acknowledging = setInterval(() => near.postMessage({ type: 'ack', id: 1 }), 1);
      await over;
      clearInterval(acknowledging);
      expect(batches.reduce((sum, size) => sum + size, 0)).toBe(500_000);
      expect(batches.length).toBeLessThan(60);
    });

    test('is cancelled like any call', async () => {
      const abort = new AbortController();
      const { code } = await open(
        (_request, _terminal, signal) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new Error('hung up')));
          }),
        { signal: abort.signal },
      );
      abort.abort();
      expect(await code).toMatchObject({ error: { kind: 'cancelled' } });
    });

    test.each([
      { type: 'input', id: 1, data: 3 },
      { type: 'resize', id: 1, columns: 0, rows: 10 },
      { type: 'resize', id: 1, columns: 10.5, rows: 10 },
      { type: 'call', id: 1, call: { method: 'shell', params: REQUEST } },
    ])('is refused what the protocol does not know: %j', (message) => {
      expect(() => parseHostMessage(message)).toThrow(/invalid|expected|too_small/i);
    });

    test('prints bytes only', () => {
      expect(parseWorkerMessage({ type: 'bytes', id: 1, bytes: new Uint8Array([1]) })).toMatchObject({ type: 'bytes' });
      expect(() => parseWorkerMessage({ type: 'bytes', id: 1, bytes: 'text' })).toThrow(/instance|invalid/i);
    });
  });

  test('the log of a release comes as lines, with notes between them, until it is cancelled', async () => {
    const { client } = connect({
      followLogs: (_, onLine, onNote, signal) => {
        void onLine('stderr', 'one');
        onNote('it has ended');
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      },
    });
    const abort = new AbortController();
    const seen: OutputLine[] = [];
    const call = client.call({ method: 'followLogs', params: REQUEST }, { signal: abort.signal, onLines: (lines) => seen.push(...lines) });
    await vi.waitFor(() =>
      expect(seen).toEqual([
        { stream: 'stderr', text: 'one' },
        { stream: 'note', text: 'it has ended' },
      ]),
    );
    abort.abort();
    expect(await call).toMatchObject({ error: { kind: 'cancelled' } });
  });
});
