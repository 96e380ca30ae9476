/**
 * Requests to the engine over dockerode's connection (docker-modem). Its own methods are not used: they never settle when the connection is
 * cut after the response's head, change the objects that they are given, and lose the status of errors. Every answer is taken as a stream here.
 */
import { IncomingMessage } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';
import { Duplex } from 'node:stream';
import type { Readable } from 'node:stream';
import { CancelledError, messageOf } from '../../errors.js';
import type { Endpoint } from '../engine.js';
import { EngineRefusal, codeOf, connectionLost, explain, noAnswer, notAnEngine } from '../problems.js';
import { isObject, object, text } from '../json.js';
import type { Json } from '../json.js';
import { DOCKER } from './dialect.js';
import type { Dialect } from './dialect.js';
import { bytesOf } from './lines.js';
import { TIMINGS, Watchdog } from './watchdog.js';
import type { Timings } from './watchdog.js';

/** The part of docker-modem that is used; `new Docker().modem` is one. */
export interface Modem {
  dial(options: DialOptions, callback: (error: Error | null, result: unknown) => void): void;
}

export interface DialOptions {
  path: string;
  method: Method;
  headers: OutgoingHttpHeaders;
  options: Record<string, string | readonly string[]>;
  file?: Buffer | Readable;
  hijack?: boolean;
  isStream: true;
  statusCodes: Readonly<Record<number, true>>;
  abortSignal?: AbortSignal;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface Call {
  readonly method: Method;
  /** Names in it are encoded by `name`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: Json | Readable;
  readonly headers?: OutgoingHttpHeaders;
  /** Completes `The engine refused to …`. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the whole answer must be there. Default: as long as the engine gives signs of life and something arrives. */
  readonly timeout?: number;
  /** Whether nothing need arrive for as long as it takes: what waits for something to happen. Default: false. */
  readonly mayBeSilent?: boolean;
}

export interface ApiOptions {
  /** Of the API, as it was negotiated; undefined before that. */
  readonly version?: string;
  readonly dialect?: Dialect;
  readonly timings?: Timings;
}

/** All are let through, so that answers with any status can be read here in one way. */
const ANY_STATUS: Readonly<Record<number, true>> = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [i + 100, true]));

/**
 * An empty body of known length. Without it docker-modem sends the query as a JSON body too, and on /build the engine then holds back all
 * output until that body has been read, which nobody does: the stream ends empty.
 */
const NO_BODY = Buffer.alloc(0);

/** An image's reference or any other name as a part of a path; `/` in it stays, as the engine's routes expect. */
export function name(value: string): string {
  return value.split('/').map(encodeURIComponent).join('/');
}

export class EngineApi {
  readonly dialect: Dialect;
  readonly timings: Timings;
  private readonly prefix: string;

  constructor(
    private readonly modem: Modem,
    readonly endpoint: Endpoint,
    { version, dialect = DOCKER, timings = TIMINGS }: ApiOptions = {},
  ) {
    this.prefix = version === undefined ? '' : `/v${version}`;
    this.dialect = dialect;
    this.timings = timings;
  }

  private readonly behind = new Set<Promise<void>>();
  private naming: Promise<void> = Promise.resolve();

  /** Work whose end nobody needs to wait for now; it must not reject. */
  goOn(work: Promise<void>): void {
    this.behind.add(work);
    void work.finally(() => this.behind.delete(work));
  }

  /** Work that changes names of images, one after the other where the engine needs it. */
  nameInTurn(work: () => Promise<void>): Promise<void> {
    if (this.dialect.namesSideBySide) return work();
    const turn = this.naming.then(work);
    this.naming = turn.catch(() => undefined);
    return turn;
  }

  async settled(): Promise<void> {
    await Promise.all(this.behind);
  }

  /** The answer's JSON; undefined when it is empty. */
  async json(call: Call): Promise<unknown> {
    return this.whole(call, async (response) => parse(await readAll(response), this.endpoint));
  }

  /** For requests whose answer says nothing. */
  async send(call: Call): Promise<void> {
    await this.whole(call, readAll);
  }

  /** Lines of JSON as they come, until the engine ends the answer. */
  async *lines(call: Call): AsyncGenerator<Json, void, undefined> {
    const response = await this.open(call);
    try {
      yield* jsonLines(response);
    } catch (error) {
      throw explain(error, this.endpoint, call.signal);
    } finally {
      response.destroy();
      discard(call);
    }
  }

  /** The answer's body as a stream; it must be read to its end or destroyed. Errors of the stream itself may be raw: pass them through `explain`. */
  async open(call: Call): Promise<IncomingMessage> {
    const [answer, watchdog] = await this.watched(call, undefined);
    try {
      if (!(answer instanceof IncomingMessage)) throw notAnEngine(this.endpoint, 'no HTTP response');
      if (isRefusal(answer)) throw await this.refusal(call, answer);
      watchdog?.downloads(answer);
      return answer;
    } catch (error) {
      watchdog?.end();
      throw error;
    }
  }

  /** A connection of its own, both ways: attach and BuildKit's session. */
  async upgrade(call: Call, protocol: string): Promise<Duplex> {
    const [answer, watchdog] = await this.watched(call, protocol);
    watchdog?.end(); // from here on it is watched by whoever uses it
    if (answer instanceof IncomingMessage) throw await this.refusal(call, answer);
    if (!(answer instanceof Duplex)) throw notAnEngine(this.endpoint, 'no connection');
    // Whoever reads it sees the error; one that comes before anybody reads must not end the process.
    answer.on('error', () => undefined);
    return answer;
  }

  explain(error: unknown, signal: AbortSignal | undefined): unknown {
    return explain(error, this.endpoint, signal);
  }

  private async whole<T>(call: Call, read: (response: IncomingMessage) => Promise<T>): Promise<T> {
    const deadline = call.timeout === undefined ? undefined : AbortSignal.timeout(call.timeout);
    let response: IncomingMessage | undefined;
    try {
      response = await this.open({ ...call, signal: anySignal(call.signal, deadline) });
      return await read(response);
    } catch (error) {
      response?.destroy();
      if (deadline?.aborted && !call.signal?.aborted) throw noAnswer(this.endpoint, (call.timeout ?? 0) / 1000, error);
      throw explain(error, this.endpoint, call.signal);
    } finally {
      discard(call);
    }
  }

  private async dial(call: Call, upgrade: string | undefined): Promise<unknown> {
    if (call.signal?.aborted) throw new CancelledError();
    const { body } = call;
    const json = body === undefined || isStream(body) ? undefined : Buffer.from(JSON.stringify(body));
    const file = isStream(body) ? body : (json ?? (call.method === 'GET' || call.method === 'DELETE' ? undefined : NO_BODY));
    const query = queryOf(call.query);
    const options: DialOptions = {
      path: `${this.prefix}${call.path}${Object.keys(query).length > 0 ? '?' : ''}`,
      method: call.method,
      headers: {
        ...call.headers,
        ...(upgrade !== undefined && { Upgrade: upgrade }),
        ...(json && { 'Content-Type': 'application/json' }),
      },
      options: query,
      ...(file !== undefined && { file }),
      ...(upgrade !== undefined && { hijack: true }),
      isStream: true,
      statusCodes: ANY_STATUS,
      ...(call.signal && { abortSignal: call.signal }),
    };
    const ask = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        // A copy: docker-modem changes what it is given.
        this.modem.dial({ ...options, headers: { ...options.headers } }, (error, result) => (error ? reject(error) : resolve(result)));
      });
    for (let tries = 1; ; tries++) {
      try {
        return await ask();
      } catch (error) {
        // An idle connection that the engine has closed shows only when it is used again, and there may be several; a question can be asked again.
        if (call.method === 'GET' && !call.signal?.aborted && isStale(error) && tries < MAX_TRIES) continue;
        discard(call);
        throw explain(error, this.endpoint, call.signal);
      }
    }
  }

  /** Whoever has a deadline that is over before a silent engine is noticed needs no watching. */
  private async watched(call: Call, upgrade: string | undefined): Promise<readonly [unknown, Watchdog | undefined]> {
    const { timings } = this;
    if (call.timeout !== undefined && call.timeout <= timings.heartbeat + timings.answer) return [await this.dial(call, upgrade), undefined];
    const watchdog = new Watchdog({
      timings,
      signOfLife: () => this.signOfLife(),
      silent: call.mayBeSilent ? undefined : () => noAnswer(this.endpoint, timings.silence / 1000, undefined),
    });
    if (isStream(call.body)) watchdog.uploads(call.body);
    try {
      return [await this.dial({ ...call, signal: anySignal(call.signal, watchdog.signal) }, upgrade), watchdog];
    } catch (error) {
      watchdog.end();
      throw call.signal?.aborted ? new CancelledError() : (watchdog.problem ?? error);
    }
  }

  private signOfLife(): Promise<void> {
    return this.send({ method: 'GET', path: '/_ping', what: 'give a sign of life', timeout: this.timings.answer });
  }

  private async refusal(call: Call, response: IncomingMessage): Promise<unknown> {
    discard(call);
    const status = response.statusCode ?? 0;
    const body = await readAll(response).catch((error: unknown) => connectionLost(this.endpoint, error));
    if (!Buffer.isBuffer(body)) return body;
    const answer = tryParse(body);
    const reason = isObject(answer) ? text(answer['message']) || text(answer['cause']) : body.toString('utf8');
    return new EngineRefusal(call.what, this.dialect.isMissing(reason) ? 404 : status, reason.trim() || `HTTP status ${status}`);
  }
}

function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

const MAX_TRIES = 20;

function isStale(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(codeOf(error));
}

function isStream(body: Call['body']): body is Readable {
  return body !== undefined && typeof body['pipe'] === 'function';
}

/** A body that was not sent whole, because the answer came before its end: nobody reads the rest. */
function discard(call: Call): void {
  if (isStream(call.body) && !call.body.readableEnded) call.body.destroy();
}

function isRefusal(response: IncomingMessage): boolean {
  const status = response.statusCode ?? 0;
  return status < 200 || status >= 400;
}

function queryOf(query: Call['query']): Record<string, string | readonly string[]> {
  return Object.fromEntries(
    Object.entries(query ?? {}).flatMap(([key, value]) => {
      if (value === undefined) return [];
      return [[key, typeof value === 'object' ? value : String(value)]];
    }),
  );
}

async function readAll(response: Readable): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(bytesOf(chunk));
  return Buffer.concat(chunks);
}

function tryParse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function parse(body: Buffer, endpoint: Endpoint): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw notAnEngine(endpoint, `${body.toString('utf8', 0, 100)} (${messageOf(error)})`);
  }
}

/** One JSON object a line. A line may be megabytes, so its pieces are joined once, at its end. */
export async function* jsonLines(stream: Readable): AsyncGenerator<Json, void, undefined> {
  let pieces: Buffer[] = [];
  for await (const chunk of stream) {
    let rest = bytesOf(chunk);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...pieces, rest.subarray(0, end)]);
      pieces = [];
      rest = rest.subarray(end + 1);
      if (line.length > 1) yield object(tryParse(line));
    }
    if (rest.length > 0) pieces.push(rest);
  }
  const last = Buffer.concat(pieces);
  if (last.length > 1) yield object(tryParse(last));
}
