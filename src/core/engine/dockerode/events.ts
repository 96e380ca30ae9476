/** The engine's events in one form: where Docker and Podman say the same in different words, Docker's are used. */
import type { ObjectKind } from '../engine.js';
import { number, object, text, textMap } from '../json.js';
import type { Json } from '../json.js';
import type { Labels } from '../labels.js';

export interface RawEvent {
  readonly kind: ObjectKind;
  readonly action: string;
  readonly detail: string;
  readonly id: string;
  readonly name: string;
  /** Those that the event tells: a container's always, an image's on Docker while it is there, no others. */
  readonly labels: Labels;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly time: number;
  /** The same for the same event only, however often it comes. */
  readonly key: string;
}

const KINDS: readonly ObjectKind[] = ['container', 'image', 'volume', 'network'];

/** Podman's words. */
const ACTIONS: Readonly<Record<string, string>> = {
  'container died': 'die',
  'container remove': 'destroy',
  'image remove': 'delete',
  'image loadfromarchive': 'load',
  'volume remove': 'destroy',
  'network remove': 'destroy',
};

/** What stands among an event's attributes and is no label. (A label of such a name is hidden by it anyway.) */
const NO_LABELS = new Set(['name', 'image', 'exitCode', 'signal', 'execID', 'execDuration', 'oldName', 'containerExitCode', 'podId', 'container', 'type']);

/**
 * undefined for what is not about an object, and for `exec_…`: a health check makes three of these every time, nothing that a list shows
 * changes, and they carry the command.
 */
export function parseEvent(line: Json): RawEvent | undefined {
  const kind = KINDS.find((known) => known === line['Type']);
  const said = text(line['Action']);
  if (!kind || said === '' || said.startsWith('exec_')) return undefined;
  const actor = object(line['Actor']);
  const attributes = textMap(actor['Attributes']);
  const name = attributes['name'] ?? '';
  // A volume has no id on Podman.
  const id = idOf(kind, text(actor['ID']) || name);
  // `health_status: healthy`; Podman has it without the second half.
  const [action = '', detail = ''] = said.split(': ', 2);
  return {
    kind,
    action: ACTIONS[`${kind} ${action}`] ?? action,
    detail,
    id,
    name: name || id,
    labels: Object.fromEntries(Object.entries(attributes).filter(([key]) => !NO_LABELS.has(key))),
    time: timeOf(line),
    // Two connections of a container to a network differ in their attributes only.
    key: JSON.stringify([line['timeNano'] ?? line['time'], kind, said, id, name, attributes['container']]),
  };
}

/** Podman leaves out the algorithm here, and names it in its lists. An image that is pulled is told by its reference. */
function idOf(kind: ObjectKind, id: string): string {
  return kind === 'image' && /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id;
}

/** Nanoseconds are more than a number holds exactly: to a quarter of a microsecond, which is enough to look back by. */
function timeOf(line: Json): number {
  return number(line['timeNano']) / 1e6 || number(line['time']) * 1000;
}
