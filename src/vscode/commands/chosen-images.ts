/** Which images a command means: rows of the view, or what a caller named. */
import type { ImageRow } from '../../core/objects/object-rows.js';
import type { App } from '../app.js';
import { sidebarOf } from '../views/sidebar.js';
import { ARGUMENTS } from './command-specs.js';
import type { Given } from './parameters.js';

export interface ChosenImage {
  /** Id, or the name that the caller gave. */
  readonly image: string;
  /** As far as a view knows it. */
  readonly row: ImageRow | undefined;
  /** What a view shows without our labels: the person sees whose it is. */
  readonly foreign: boolean;
}

export function chosenImages(app: App, given: Given): readonly ChosenImage[] {
  const { images } = sidebarOf(app).objects;
  return given.all(ARGUMENTS.ofImage).map((image) => {
    const row = images.get(image) ?? [...images.values()].find(({ tags }) => tags.includes(image));
    return { image, row, foreign: row !== undefined && row.kind === undefined };
  });
}

/** The one that is meant, of several the first. */
export const chosenImage = (app: App, given: Given): ChosenImage | undefined => chosenImages(app, given)[0];
