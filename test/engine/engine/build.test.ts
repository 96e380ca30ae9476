import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectEngine } from '../../../src/core/engine/connect.js';
import { BuildFailure } from '../../../src/core/engine/engine.js';
import type { BuildProgress, BuildRequest } from '../../../src/core/engine/engine.js';
import { CancelledError, UserError } from '../../../src/core/errors.js';
import { BASE, cuttableSocket, getText, imageHolds, problemOf, processesWith, until, useEngine } from './harness.js';

const bench = useEngine();

function random(): string {
  return randomBytes(16).toString('hex');
}

interface Outcome {
  readonly imageId: string;
  readonly progress: readonly BuildProgress[];
  readonly log: string;
}

async function build(request: Partial<BuildRequest> & { readonly dockerfile: string }): Promise<Outcome> {
  const progress: BuildProgress[] = [];
  const { imageId } = await bench.engine.build({
    dockerfileName: 'Dockerfile.test',
    tags: [],
    labels: bench.labels,
    ...request,
    onProgress: (event) => {
      progress.push(event);
      void request.onProgress?.(event);
    },
  });
  return { imageId, progress, log: progress.flatMap((event) => (event.type === 'log' ? [event.text] : [])).join('\n') };
}

async function failureOf(request: Partial<BuildRequest> & { readonly dockerfile: string }): Promise<BuildFailure> {
  const error = await problemOf(build(request));
  if (!(error instanceof BuildFailure)) throw error;
  return error;
}

describe('a build', () => {
  it('makes an image with tags, labels, build arguments and files from memory, which exist nowhere on disk', async () => {
    const tags = [`${bench.id}/app:1.0`, `${bench.id}/app:latest`];
    // To Podman each label goes as an instruction, which has one line.
    const labels = { ...bench.labels, odd: `a "b" $HOME \\ ' é${bench.product === 'Podman' ? ' ' : '\n'}2` };
    const files = { 'a.txt': 'a\n', 'deep/er/b.txt': Buffer.from('b\n'), 'deep-er': 'c\n', 'deep/🐍': 'd\n', 'deep/ｚ': 'e\n', empty: '' };
    const { imageId, log } = await build({
      dockerfile: `FROM ${BASE}\nARG WORD\nCOPY . /c/\nRUN cd /c && find . -type f | LC_ALL=C sort && cat a.txt deep/er/b.txt && stat -c '%a %u:%g' a.txt && echo "$WORD"\n`,
      files,
      tags,
      labels,
      buildArgs: { WORD: `hello ${random()}` },
    });
    expect(log).toMatch(/^\.\/a\.txt\n\.\/deep-er\n\.\/deep\/er\/b\.txt\n\.\/deep\/ｚ\n\.\/deep\/🐍\n\.\/empty\na\nb\n644 0:0\nhello \w+$/);
    const image = await bench.engine.inspectImage(tags[0] ?? '');
    expect(image).toMatchObject({ id: imageId, labels });
    expect([...(image?.tags ?? [])].sort()).toEqual(tags);
  });

  it('sees an edit of a file from memory that keeps its size', async () => {
    const dockerfile = `FROM ${BASE}\nCOPY f /f\nRUN cat /f\n`;
    const [one, two] = [random(), random()];
    expect((await build({ dockerfile, files: { f: one } })).log).toBe(one);
    expect((await build({ dockerfile, files: { f: two } })).log).toBe(two);
  });

  it('tells each step as started, then done or cached', async () => {
    const dockerfile = `FROM ${BASE}\nRUN echo ${random()}\n`;
    const last = ({ progress }: Outcome): string[] => {
      const states = new Map(progress.flatMap((event) => (event.type === 'step' ? [[event.name, event.state]] : [])));
      return [...states].flatMap(([name, state]) => (name.startsWith('[2/2]') ? [state] : []));
    };
    expect(last(await build({ dockerfile }))).toEqual(['done']);
    // On Podman nothing is kept of a single step.
    expect(last(await build({ dockerfile }))).toEqual([bench.product === 'Podman' ? 'done' : 'cached']);
    expect(last(await build({ dockerfile, noCache: true }))).toEqual(['done']);
  });

  it('gives secrets to the step that mounts them, and leaves them in no layer, configuration or history', async () => {
    const [secret, control] = [random(), random()];
    const tag = `${bench.id}/secret:1`;
    const { log } = await build({
      dockerfile: `FROM ${BASE}\nRUN echo ${control} > /control\nRUN --mount=type=secret,id=one,required=true sha256sum /run/secrets/one && cp /etc/hostname /h\n`,
      secrets: new Map([['one', Buffer.from(secret)]]),
      tags: [tag],
    });
    expect(log).toContain(createHash('sha256').update(secret).digest('hex'));
    expect(await imageHolds(bench.engine, tag, [control, secret])).toEqual([true, false]);
    expect(await getText(bench.engine, `/images/${tag}/json`)).not.toContain(secret);
    const history = await getText(bench.engine, `/images/${tag}/history`);
    expect(history).not.toContain(secret);
    expect(history).toContain(control);
  });

  it('keeps proxies, which are given as build arguments, out of the image and of the cache key', async () => {
    const proxy = `http://user:${random()}@proxy.invalid:3128`;
    const tag = `${bench.id}/proxy:1`;
    const dockerfile = `FROM ${BASE}\nRUN echo "$https_proxy" | sha256sum; : ${random()}\n`;
    const { log } = await build({ dockerfile, tags: [tag], buildArgs: { HTTPS_PROXY: proxy } });
    expect(log).toContain(createHash('sha256').update(`${proxy}\n`).digest('hex'));
    expect(await imageHolds(bench.engine, tag, [proxy])).toEqual([false]);
    const again = await build({ dockerfile, buildArgs: { HTTPS_PROXY: 'http://other.invalid:1' } });
    const other = createHash('sha256').update('http://other.invalid:1\n').digest('hex');
    expect(again.log).toBe(bench.product === 'Podman' ? `${other}  -` : '');
  });

  it('refuses a secret that is too large for a session before it asks the engine; without a session there is no limit', async () => {
    const dockerfile = `FROM ${BASE}\nRUN --mount=type=secret,id=big wc -c < /run/secrets/big\n`;
    const outcome = await build({ dockerfile, secrets: new Map([['big', Buffer.alloc(500 * 1024 + 1)]]) }).then(
      ({ log }) => log,
      (error: unknown) => error,
    );
    const refusal = expect.objectContaining({ name: 'UserError', code: 'secret-too-large', message: expect.stringContaining('big has 501 KB') });
    expect(outcome).toEqual(bench.product === 'Podman' ? '512001' : refusal);
  });

  it('says which secret was missing', async () => {
    const error = await problemOf(build({ dockerfile: `FROM ${BASE}\nRUN --mount=type=secret,id=absent,required=true true ${random()}\n` }));
    expect(error).toMatchObject({ name: 'UserError', code: 'missing-secret', message: 'Dockerfile.test needs the secret absent, which was not given' });
  });
});

describe('a build that fails', () => {
  it('names line, step and exit code, and has the last lines of output', async () => {
    // The engine reads the two outputs side by side: only pauses tell which line came last.
    const lines = Array.from({ length: 300 }, (_, i) => `echo line ${i + 1}`).join('; ');
    const failure = await failureOf({
      dockerfile: `# first\nFROM ${BASE}\nWORKDIR /w\n\nRUN ${lines}; \\\n  # between\n  sleep 0.4; echo at last >&2; sleep 0.4; exit 7\nRUN true\n`,
      noCache: true,
    });
    expect(failure.details).toMatchObject({ dockerfileName: 'Dockerfile.test', line: 5, exitCode: 7 });
    expect(failure.details.step).toMatch(/^\[3\/4\] RUN echo line 1;/);
    expect(failure.details.logTail).toHaveLength(100);
    expect(failure.details.logTail).toContain('at last');
    expect(failure.details.logTail).toContain('line 300');
    expect(failure.message).toMatch(/^Dockerfile\.test, line 5: \[3\/4\] RUN .* ended with exit code 7$/);
  });

  it('points to the right stage of several', async () => {
    const failure = await failureOf({ dockerfile: `FROM ${BASE} AS tools\nRUN true\nFROM tools AS app\nENV A=1\nRUN exit 3\n`, noCache: true });
    expect(failure.details).toMatchObject({ line: 5, exitCode: 3 });
  });

  it('points to a COPY of a file that is not there', async () => {
    const failure = await failureOf({ dockerfile: `FROM ${BASE}\nCOPY absent /x\n` });
    expect(failure.details.line).toBe(2);
    expect(failure.message).toContain('absent');
  });

  it('points to the line that does not parse', async () => {
    const failure = await failureOf({ dockerfile: `FROM ${BASE}\nRUN true\nNONSENSE x\n` });
    expect(failure.details.line).toBe(3);
    expect(failure.message).toMatch(/^Dockerfile\.test, line 3: .*NONSENSE/i);
  });

  it('says that a base image cannot be pulled, and what to do', async () => {
    const error = await problemOf(build({ dockerfile: 'FROM 127.0.0.1:9/nothing/here:1\nRUN true\n' }));
    expect(error).toMatchObject({ name: 'UserError', code: 'registry-unreachable', kind: 'engine' });
    expect(String(error)).toContain('The image 127.0.0.1:9/nothing/here:1 cannot be pulled');
  });

  it('says what the engine does not accept', async () => {
    const error = await problemOf(build({ dockerfile: `FROM ${BASE}\n`, tags: ['Not A Valid:Tag!'] }));
    expect(error).toMatchObject({ name: 'UserError', code: 'engine-refused' });
    // Podman 4.3 gives no reason.
    expect(String(error)).toMatch(bench.product === 'Podman' ? /build Dockerfile\.test: / : /build Dockerfile\.test: .*invalid reference format/);
  });
});

describe('a cancelled build', () => {
  it('ends at once, and so does the process of the running step', async () => {
    const marker = `31${process.pid}`;
    const controller = new AbortController();
    let aborted = 0;
    const error = await problemOf(
      build({
        // As all of ours that may take long; Podman lets those of its own builds run on.
        dockerfile: `FROM ${BASE}\nRUN --mount=type=secret,id=pypackage-ca echo running; sleep ${marker}\n`,
        noCache: true,
        signal: controller.signal,
        onProgress: (event) => {
          if (event.type !== 'log') return;
          aborted = performance.now();
          controller.abort();
        },
      }),
    );
    expect(error).toBeInstanceOf(CancelledError);
    // On Podman it is a container, as a job's.
    expect(performance.now() - aborted).toBeLessThan(bench.product === 'Podman' ? 3000 : 500);
    await until(() => processesWith(`sleep\0${marker}`) === 0, 'the step has ended', 5000);
  });

  it('does not begin when the signal is aborted already', async () => {
    expect(await problemOf(build({ dockerfile: `FROM ${BASE}\n`, signal: AbortSignal.abort() }))).toBeInstanceOf(CancelledError);
  });
});

describe('several builds', () => {
  it('run beside each other', async () => {
    const builds = ['one', 'two', 'three'].map((word) => build({ dockerfile: `FROM ${BASE}\nCOPY f /f\nRUN cat /f\n`, files: { f: `${word} ${random()}` } }));
    const logs = (await Promise.all(builds)).map(({ log }) => log.split(' ')[0]);
    expect(logs).toEqual(['one', 'two', 'three']);
  });

  it('leave no connection open on the engine, also when they were refused', async () => {
    const proxy = await cuttableSocket(bench.engine);
    const engine = await connectEngine({ engine: { value: proxy.url, source: '--engine' }, env: process.env });
    onTestFinished(async () => {
      engine.close();
      await proxy.close();
    });
    const refused = { dockerfile: `FROM ${BASE}\n`, dockerfileName: 'D', tags: ['Not A Valid:Tag!'] };
    const problems = await Promise.all(Array.from({ length: 10 }, () => problemOf(engine.build(refused))));
    expect(problems.every((problem) => problem instanceof UserError)).toBe(true);
    // Ten sessions and ten builds were open at once; what may stay are idle connections, of which the agent keeps those of the ten requests.
    await until(() => proxy.count() <= 10, 'the sessions are closed');
  });
});
