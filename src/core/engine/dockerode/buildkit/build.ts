/** One build: a session, POST /build, and the trace read until its end. */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { CancelledError, UserError, throwIfAborted } from '../../../errors.js';
import type { CredentialsSource } from '../../credentials.js';
import type { BuildOutcome, BuildRequest } from '../../engine.js';
import type { Pace } from '../../../pace.js';
import { EngineRefusal, connectionLost } from '../../problems.js';
import { object, text } from '../../json.js';
import type { EngineApi } from '../api.js';
import { StepTail } from '../step-tail.js';
import { buildFailure } from './failure.js';
import { FILE_SYNC, fileSyncService } from './filesync.js';
import type { Handler } from './grpc.js';
import { MemoryTree } from './memory-tree.js';
import { CREDENTIALS, GET_SECRET, authService, secretsService } from './services.js';
import { openSession } from './session.js';
import type { Session } from './session.js';
import { Trace } from './trace.js';
import type { TraceEvent } from './trace.js';

/** moby/buildkit session/secrets/secretsprovider/store.go: the engine refuses larger ones. */
const MAX_SECRET_SIZE = 500 * 1024;

export async function build(api: EngineApi, request: BuildRequest, credentials: CredentialsSource): Promise<BuildOutcome> {
  throwIfAborted(request.signal);
  checkSecrets(request);
  const run = new BuildRun(api, request);
  const session = await openSession(api, { sharedKey: sharedKeyOf(request), services: run.services(credentials), signal: request.signal });
  // The engine waits for open calls of a session; ending it stops the build at once, even between two responses.
  const onAbort = (): void => void session.close();
  request.signal?.addEventListener('abort', onAbort, { once: true });
  const lost = new AbortController();
  const { heartbeat, session: longest } = api.timings;
  const watching = setInterval(() => {
    if (session.quiet() > longest) lost.abort();
  }, heartbeat);
  try {
    return await run.follow(session, request.signal ? AbortSignal.any([request.signal, lost.signal]) : lost.signal);
  } catch (error) {
    if (request.signal?.aborted) throw new CancelledError();
    throw lost.signal.aborted ? connectionLost(api.endpoint, new Error('the engine sends nothing any more')) : error;
  } finally {
    clearInterval(watching);
    request.signal?.removeEventListener('abort', onAbort);
    await session.close(); // a rejected build leaves its session open on the engine otherwise
  }
}

/** Names the machine too: two machines may use the same engine. Contents need no part in it: see the times in MemoryTree. */
function sharedKeyOf(request: BuildRequest): string {
  return createHash('sha256').update(`${hostname()}\0pypackage\0${request.dockerfileName}`).digest('hex');
}

function checkSecrets(request: BuildRequest): void {
  for (const [id, value] of request.secrets ?? []) {
    if (value.length <= MAX_SECRET_SIZE) continue;
    throw new UserError({
      kind: 'engine',
      code: 'secret-too-large',
      message: `The secret ${id} has ${Math.ceil(value.length / 1024)} KB, and a build takes at most ${MAX_SECRET_SIZE / 1024} KB`,
      fix: 'Make it smaller',
    });
  }
}

class BuildRun {
  private readonly missingSecrets = new Set<string>();
  private readonly tails = new Map<string, StepTail>();
  private readonly trace = new Trace((event) => this.onEvent(event));

  constructor(
    private readonly api: EngineApi,
    private readonly request: BuildRequest,
  ) {}

  services(credentials: CredentialsSource): Map<string, Handler> {
    const trees = new Map([
      ['dockerfile', new MemoryTree({ Dockerfile: this.request.dockerfile })],
      ['context', new MemoryTree(this.request.files ?? {})],
    ]);
    return new Map<string, Handler>([
      [FILE_SYNC, fileSyncService(trees)],
      [GET_SECRET, secretsService(this.request.secrets ?? new Map(), (id) => this.missingSecrets.add(id))],
      [CREDENTIALS, authService(credentials)],
    ]);
  }

  async follow(session: Session, signal: AbortSignal): Promise<BuildOutcome> {
    const { tags, labels, buildArgs, noCache } = this.request;
    const query = {
      version: 2,
      session: session.id,
      remote: 'client-session', // the context comes through the session, not as this request's body
      rm: true,
      t: tags,
      nocache: noCache === true ? true : undefined,
      buildargs: buildArgs && JSON.stringify(buildArgs),
      labels: labels && JSON.stringify(labels),
    };
    let imageId = '';
    let problem = '';
    const what = `build ${this.request.dockerfileName}`;
    for await (const line of this.api.lines({ method: 'POST', path: '/build', query, what, signal, mayBeSilent: true })) {
      if (line['id'] === 'moby.buildkit.trace') await this.trace.apply(Buffer.from(text(line['aux']), 'base64'));
      else if (line['id'] === 'moby.image.id') imageId = text(object(line['aux'])['ID']);
      else if (line['error'] !== undefined) problem = text(line['error']);
    }
    this.trace.finish();
    if (problem !== '') throw this.failure(problem);
    // A stream that ends early without an error is a broken connection, not a success.
    if (imageId === '') throw connectionLost(this.api.endpoint, undefined);
    return { imageId };
  }

  private failure(problem: string): Error {
    const failed = this.trace.failed;
    const failure = buildFailure(this.request, {
      problem,
      step: failed && { name: failed.name, message: failed.message, logTail: this.tails.get(failed.digest)?.lines ?? [] },
      missingSecrets: [...this.missingSecrets],
    });
    return failure ?? new EngineRefusal(`build ${this.request.dockerfileName}`, 200, problem);
  }

  private onEvent(event: TraceEvent): Pace {
    if (event.type === 'log') this.remember(event.digest, event.text);
    return this.request.onProgress?.(toProgress(event));
  }

  private remember(digest: string, line: string): void {
    const tail = this.tails.get(digest) ?? new StepTail();
    tail.push(line);
    this.tails.set(digest, tail);
  }
}

function toProgress(event: TraceEvent): Parameters<NonNullable<BuildRequest['onProgress']>>[0] {
  switch (event.type) {
    case 'started':
    case 'cached':
      return { type: 'step', id: event.digest, name: event.name, state: event.type };
    case 'done':
    case 'failed':
      return { type: 'step', id: event.digest, name: event.name, state: event.type, ms: Math.round(event.ms) };
    case 'log':
      return { type: 'log', id: event.digest, stream: event.stream, text: event.text, end: event.end };
    case 'progress':
      return { type: 'progress', id: event.digest, label: event.label, current: event.current, total: event.total };
  }
}
