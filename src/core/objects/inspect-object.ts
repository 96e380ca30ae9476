/** What the engine itself says of one object, as text to be read. */
import type { Engine } from '../engine/engine.js';
import { UserError } from '../errors.js';

export const INSPECTED = ['container', 'image'] as const;

export interface InspectObject {
  readonly kind: (typeof INSPECTED)[number];
  /** Or its name. */
  readonly id: string;
}

/** JSON, with two spaces. Also of what is not ours: it is only looked at. */
export async function inspectObject(engine: Engine, { kind, id }: InspectObject, signal: AbortSignal): Promise<string> {
  const found = await engine.inspectRaw(kind, id, signal);
  if (found === undefined) throw new UserError({ kind: 'engine', code: `${kind}-missing`, message: `There is no ${kind} ${id} on the engine any more` });
  return `${JSON.stringify(found, undefined, 2)}\n`;
}
