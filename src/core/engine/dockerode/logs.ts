/** What a container has written and writes. */
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../errors.js';
import type { Paced } from '../../pace.js';
import type { LogPlace } from '../engine.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import { hasTerminal } from './containers.js';
import { Demultiplexer } from './demultiplexer.js';
import { LineSplitter, bytesOf } from './lines.js';

export interface LogOptions {
  readonly follow: boolean;
  /** Lines. Default: all. */
  readonly tail?: number;
  /** How far it was handed on before: `onPlace` told it with the last line. */
  readonly after?: LogPlace;
  /** Called before each line. */
  readonly onPlace?: (place: LogPlace) => void;
  readonly onLine: Paced<[stream: 'stdout' | 'stderr', line: string]>;
  readonly signal?: AbortSignal;
}

export async function containerLogs(api: EngineApi, id: string, options: LogOptions): Promise<void> {
  const { follow, tail, after, onPlace, onLine, signal } = options;
  // Only API 1.42 says in its answer whether the two outputs come in frames; with a terminal they don't.
  const terminal = await hasTerminal(api, id, signal);
  if (terminal === undefined) throw new UserError({ kind: 'engine', code: 'container-missing', message: `There is no container ${id}` });
  const timestamps = onPlace !== undefined;
  // The engine takes seconds, and may take the fraction or not: what it sends again is left out here.
  const since = after === undefined ? undefined : Math.floor(Date.parse(after.time) / 1000);
  const query = { follow, stdout: true, stderr: true, tail: tail ?? 'all', timestamps, since };
  const response = await api.open({ method: 'GET', path: `/containers/${name(id)}/logs`, query, what: `read the logs of ${id}`, signal, mayBeSilent: true });
  let place: LogPlace = { time: '', lines: 0 };
  const timed: LogOptions['onLine'] = (stream, line) => {
    const end = line.indexOf(' ');
    const time = line.slice(0, end);
    place = { time, lines: place.time === time ? place.lines + 1 : 1 };
    if (after !== undefined && !isBehind(place, after)) return undefined;
    onPlace?.(place);
    return onLine(stream, line.slice(end + 1));
  };
  const hand = timestamps ? timed : onLine;
  const stdout = new LineSplitter((line) => hand('stdout', line));
  const stderr = new LineSplitter((line) => hand('stderr', line));
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

function isBehind({ time, lines }: LogPlace, after: LogPlace): boolean {
  return time === after.time ? lines > after.lines : isLater(time, after.time);
}

/** Both RFC 3339 in UTC, with up to nine digits after the point. */
function isLater(time: string, than: string): boolean {
  const [a, b] = [Date.parse(time), Date.parse(than)];
  return a === b ? fraction(time) > fraction(than) : a > b;
}

const fraction = (time: string): string => (/\.(\d+)/.exec(time)?.[1] ?? '').padEnd(9, '0');
