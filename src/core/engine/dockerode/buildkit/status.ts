/**
 * The messages of a build's progress: each `moby.buildkit.trace` line holds a moby.buildkit.v1.StatusResponse.
 * moby/buildkit api/services/control/control.proto; solver/pb/ops.proto for positions.
 */
import { Reader } from './protobuf.js';

export interface Vertex {
  readonly digest: string;
  readonly inputs: readonly string[];
  readonly name: string;
  readonly cached: boolean;
  /** Milliseconds since 1970 on the engine's clock. */
  readonly started: number | undefined;
  readonly completed: number | undefined;
  readonly error: string;
}

export interface VertexStatus {
  readonly id: string;
  readonly vertex: string;
  readonly name: string;
  readonly current: number;
  readonly total: number;
  readonly completed: number | undefined;
}

export interface VertexLog {
  readonly vertex: string;
  readonly time: number | undefined;
  readonly stream: number;
  /** A view: copy it to keep it. Not necessarily UTF-8, and cut anywhere. */
  readonly data: Uint8Array;
}

export interface VertexWarning {
  readonly vertex: string;
  readonly level: number;
  readonly short: string;
  readonly detail: readonly string[];
  readonly url: string;
  readonly lines: readonly LineRange[];
}

export interface LineRange {
  readonly start: number;
  readonly end: number;
}

export interface StatusResponse {
  readonly vertexes: readonly Vertex[];
  readonly statuses: readonly VertexStatus[];
  readonly logs: readonly VertexLog[];
  readonly warnings: readonly VertexWarning[];
}

export function decodeStatus(message: Uint8Array): StatusResponse {
  const out = { vertexes: [] as Vertex[], statuses: [] as VertexStatus[], logs: [] as VertexLog[], warnings: [] as VertexWarning[] };
  each(message, {
    1: (r) => out.vertexes.push(decodeVertex(r.bytes())),
    2: (r) => out.statuses.push(decodeVertexStatus(r.bytes())),
    3: (r) => out.logs.push(decodeLog(r.bytes())),
    4: (r) => out.warnings.push(decodeWarning(r.bytes())),
  });
  return out;
}

type Fields = Readonly<Record<number, (reader: Reader) => unknown>>;

function each(message: Uint8Array, fields: Fields): void {
  const reader = new Reader(message);
  for (let number = reader.next(); number !== 0; number = reader.next()) {
    const read = fields[number];
    if (read) read(reader);
    else reader.skip();
  }
}

function decodeVertex(message: Uint8Array): Vertex {
  const inputs: string[] = [];
  const out = { digest: '', inputs, name: '', cached: false, started: undefined as number | undefined, completed: undefined as number | undefined, error: '' };
  each(message, {
    1: (r) => (out.digest = r.string()),
    2: (r) => inputs.push(r.string()),
    3: (r) => (out.name = r.string()),
    4: (r) => (out.cached = r.bool()),
    5: (r) => (out.started = timestamp(r.bytes())),
    6: (r) => (out.completed = timestamp(r.bytes())),
    7: (r) => (out.error = r.string()),
  });
  return out;
}

function decodeVertexStatus(message: Uint8Array): VertexStatus {
  const out = { id: '', vertex: '', name: '', current: 0, total: 0, completed: undefined as number | undefined };
  each(message, {
    1: (r) => (out.id = r.string()),
    2: (r) => (out.vertex = r.string()),
    3: (r) => (out.name = r.string()),
    4: (r) => (out.current = Number(r.int64())),
    5: (r) => (out.total = Number(r.int64())),
    8: (r) => (out.completed = timestamp(r.bytes())),
  });
  return out;
}

function decodeLog(message: Uint8Array): VertexLog {
  const out = { vertex: '', time: undefined as number | undefined, stream: 0, data: new Uint8Array(0) as Uint8Array };
  each(message, {
    1: (r) => (out.vertex = r.string()),
    2: (r) => (out.time = timestamp(r.bytes())),
    3: (r) => (out.stream = r.uint()),
    4: (r) => (out.data = r.bytes()),
  });
  return out;
}

function decodeWarning(message: Uint8Array): VertexWarning {
  const detail: string[] = [];
  const lines: LineRange[] = [];
  const out = { vertex: '', level: 0, short: '', detail, url: '', lines };
  each(message, {
    1: (r) => (out.vertex = r.string()),
    2: (r) => (out.level = r.uint()),
    3: (r) => (out.short = r.string()),
    4: (r) => detail.push(r.string()),
    5: (r) => (out.url = r.string()),
    7: (r) => lines.push(decodeRange(r.bytes())),
  });
  return out;
}

function decodeRange(message: Uint8Array): LineRange {
  const out = { start: 0, end: 0 };
  const line = (position: Uint8Array): number => {
    let found = 0;
    each(position, { 1: (r) => (found = r.uint()) });
    return found;
  };
  each(message, { 1: (r) => (out.start = line(r.bytes())), 2: (r) => (out.end = line(r.bytes())) });
  return out;
}

/** google.protobuf.Timestamp: seconds = 1, nanos = 2. The zero of Go's time (the year 1) counts as absent. */
function timestamp(message: Uint8Array): number | undefined {
  let at = 0;
  each(message, { 1: (r) => (at += Number(r.int64()) * 1000), 2: (r) => (at += r.uint() / 1e6) });
  return at > 0 ? at : undefined;
}
