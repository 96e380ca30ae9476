/** What a container has written and writes. */
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../errors.js';
import type { Paced } from '../../pace.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import { hasTerminal } from './containers.js';
import { Demultiplexer } from './demultiplexer.js';
import { LineSplitter, bytesOf } from './lines.js';

export interface LogOptions {
  readonly follow: boolean;
  /** Lines. Default: all. */
  readonly tail?: number;
  readonly onLine: Paced<[stream: 'stdout' | 'stderr', line: string]>;
  readonly signal?: AbortSignal;
}

export async function containerLogs(api: EngineApi, id: string, options: LogOptions): Promise<void> {
  const { follow, tail, onLine, signal } = options;
  // Only API 1.42 says in its answer whether the two outputs come in frames; with a terminal they don't.
  const terminal = await hasTerminal(api, id, signal);
  if (terminal === undefined) throw new UserError({ kind: 'engine', code: 'container-missing', message: `There is no container ${id}` });
  const query = { follow, stdout: true, stderr: true, tail: tail ?? 'all' };
  const response = await api.open({ method: 'GET', path: `/containers/${name(id)}/logs`, query, what: `read the logs of ${id}`, signal, mayBeSilent: true });
  const stdout = new LineSplitter((line) => onLine('stdout', line));
  const stderr = new LineSplitter((line) => onLine('stderr', line));
  try {
    if (terminal) for await (const chunk of response) await stdout.push(bytesOf(chunk));
    else await pipeline(response, new Demultiplexer((stream, data) => (stream === 'stdout' ? stdout : stderr).push(data)));
  } catch (error) {
    throw api.explain(error, signal);
  } finally {
    stdout.flush();
    stderr.flush();
  }
}
