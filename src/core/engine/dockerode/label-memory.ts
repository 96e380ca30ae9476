/** Which labels an object has that an event tells of. Docker says it for containers and most of an image's life, Podman for containers only. */
import type { EngineSnapshot, ObjectKind } from '../engine.js';
import { object, textMap } from '../json.js';
import type { Labels } from '../labels.js';
import { isMissing } from '../problems.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import type { RawEvent } from './events.js';

type Kept = ReadonlyMap<string, Labels>;

export class LabelMemory {
  private now = new Map<string, Labels>();
  /** An event on its way may tell the end of what the newest list no longer has. */
  private before: Kept = new Map();

  learn({ containers, images, volumes, networks }: EngineSnapshot): void {
    this.before = this.now;
    this.now = new Map([
      ...containers.map((item) => [keyOf('container', item.id), item.labels] as const),
      ...images.map((item) => [keyOf('image', item.id), item.labels] as const),
      ...volumes.map((item) => [keyOf('volume', item.name), item.labels] as const),
      ...networks.map((item) => [keyOf('network', item.id), item.labels] as const),
    ]);
  }

  /** Asks the engine where nothing is known; undefined when it doesn't know either: the object has gone already. */
  async labelsOf(event: RawEvent, api: EngineApi, signal: AbortSignal, answerMs: number): Promise<Labels | undefined> {
    const key = keyOf(event.kind, event.id);
    const known = this.now.get(key) ?? this.before.get(key) ?? told(event) ?? (await ask(event, api, signal, answerMs));
    // Its name may be another's next, and nothing else's is ever used again.
    if (event.kind === 'volume' && event.action === 'destroy') this.forget(key);
    else if (known) this.now.set(key, known);
    return known;
  }

  private forget(key: string): void {
    this.now.delete(key);
    if (!this.before.has(key)) return;
    this.before = new Map([...this.before].filter(([other]) => other !== key));
  }
}

function keyOf(kind: ObjectKind, id: string): string {
  return `${kind} ${id}`;
}

function told({ kind, labels }: RawEvent): Labels | undefined {
  return kind === 'container' || Object.keys(labels).length > 0 ? labels : undefined;
}

async function ask({ kind, id }: RawEvent, api: EngineApi, signal: AbortSignal, timeout: number): Promise<Labels | undefined> {
  const path = kind === 'volume' || kind === 'network' ? `/${kind}s/${name(id)}` : `/${kind}s/${name(id)}/json`;
  try {
    const answer = object(await api.json({ method: 'GET', path, what: `inspect the ${kind} ${id}`, signal, timeout }));
    return textMap(object(answer['Config'])['Labels'] ?? answer['Labels']);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
