/**
 * Where Podman's Docker-compatible API (https://docs.podman.io/en/latest/_static/api.html) is not like Docker's. Seen with 4.3 and 5.4;
 * that it has no BuildKit session is dealt with in plain-build.ts.
 */
import { LABEL } from '../labels.js';
import type { Dialect } from './dialect.js';

/** What containers of steps are labelled with, and what is kept of them. */
const OF_STEPS: ReadonlySet<string> = new Set([LABEL.kind, LABEL.run, LABEL.project, LABEL.target]);

export const PODMAN: Dialect = {
  // Short names are stored with a registry: docker.io when the API was given one, localhost when an archive was loaded.
  shownTag: (tag) => tag.replace(/^(docker\.io\/library\/|docker\.io\/|localhost\/)/, ''),
  importedLabel: importedLabel,
  // Of three tags given at once one can get lost (seen with 4.3).
  namesSideBySide: false,
  // 4.3 tags what it imports as `latest`, whatever was asked for.
  importsWithTag: false,
  // Those of one filter are not all asked for: images with two are never found, volumes with either are.
  labelsPerFilter: 1,
  // Its list tells no health.
  listsHealth: false,
  // 5.4 gives it ten seconds to end by itself.
  killsWhatItRemoves: false,
  // Its health checks are timers of systemd; where that does not run, nobody checks.
  checksHealthWhenAsked: true,
  // A label cannot be taken away from an image that is built on another: it is made empty (podman-build.ts).
  isLabel: (key, value) => value !== '' || !OF_STEPS.has(key),
  // A container that goes while it is asked for: status 500.
  isMissing: (reason) => /no such (container|image|volume)|does not exist in database/.test(reason),
};

/** `LABEL key=value` up to the end: quotes around the value are taken away, and nothing in it is unescaped (containers/common libimage/import.go). */
function importedLabel(key: string, value: string): string {
  if (/^["\s]|["\s]$|[\r\n]/.test(value))
    throw new TypeError('a label of an imported image can neither begin or end with a quote or a space nor hold an end of line');
  return `LABEL ${key}=${value}`;
}
