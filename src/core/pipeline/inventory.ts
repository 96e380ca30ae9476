/** Our images on the engine, as one question brought them, and what this run added. Found by kind and fingerprint alone. */
import type { Engine, ImageSummary } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import type { Kind } from '../engine/labels.js';

export class Inventory {
  private constructor(private images: readonly ImageSummary[]) {}

  static async of(engine: Pick<Engine, 'findImages'>, signal: AbortSignal): Promise<Inventory> {
    return new Inventory(await engine.findImages({ [LABEL.kind]: null }, signal));
  }

  /** Asks as soon as there is an engine. A failure is told to whoever waits for the answer, and to nobody else. */
  static when(engine: Promise<Pick<Engine, 'findImages'>>, signal: AbortSignal): Promise<Inventory> {
    const asked = engine.then((ready) => Inventory.of(ready, signal));
    asked.catch(() => undefined);
    return asked;
  }

  /** The newest with this fingerprint that fits; one with a tag is preferred, since builds can name it. */
  find(kind: Kind, fingerprint: string, fits: (image: ImageSummary) => boolean = () => true): ImageSummary | undefined {
    const found = this.all(kind).filter((image) => image.labels[LABEL.fingerprint] === fingerprint && fits(image));
    return found.find((image) => image.tags.length > 0) ?? found[0];
  }

  all(kind: Kind): readonly ImageSummary[] {
    return this.images.filter((image) => image.labels[LABEL.kind] === kind);
  }

  /** Whether any image of a name is there: tells "never built" from "changed". */
  hasName(name: string): boolean {
    return this.images.some((image) => image.tags.some((tag) => tag.startsWith(`${name}:`)));
  }

  add(image: ImageSummary): void {
    const moved = new Set(image.tags);
    this.images = [
      image,
      ...this.images.filter((other) => other.id !== image.id).map((other) => ({ ...other, tags: other.tags.filter((tag) => !moved.has(tag)) })),
    ];
  }

  remove(id: string): void {
    this.images = this.images.filter((image) => image.id !== id);
  }
}
