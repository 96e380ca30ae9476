/** In what engines that answer the same API differ. Asked for once, when an engine is connected; what Podman does differently is in podman.ts. */
import { labelInstruction } from './label-instruction.js';

export interface Dialect {
  /** A tag as people write it, and as Docker's list shows it. */
  readonly shownTag: (tag: string) => string;
  /** A label in the words that an import takes as a change. */
  readonly importedLabel: (key: string, value: string) => string;
  /** Whether names of images may be changed side by side. */
  readonly namesSideBySide: boolean;
  /** Whether an import gives its image the wanted name and tag. */
  readonly importsWithTag: boolean;
  /** How many labels a filter of its lists may hold; the others are looked at here. */
  readonly labelsPerFilter: number;
  /** Whether its list of containers tells their health. */
  readonly listsHealth: boolean;
  /** Whether one that runs is killed at once when it is removed by force. */
  readonly killsWhatItRemoves: boolean;
  /** Whether health may have to be checked by whoever waits for it. */
  readonly checksHealthWhenAsked: boolean;
  /** Whether a label of an image counts as one. */
  readonly isLabel: (key: string, value: string) => boolean;
  /** Whether the engine's words say that something is not there, though its status does not. */
  readonly isMissing: (reason: string) => boolean;
}

export const DOCKER: Dialect = {
  shownTag: (tag) => tag,
  importedLabel: labelInstruction,
  namesSideBySide: true,
  importsWithTag: true,
  labelsPerFilter: Number.POSITIVE_INFINITY,
  listsHealth: true,
  killsWhatItRemoves: true,
  checksHealthWhenAsked: false,
  isLabel: () => true,
  isMissing: () => false,
};
