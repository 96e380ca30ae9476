/**
 * How long a container has been running, out of the words of `docker ps`: the list says it in no other way, and to ask for each container by
 * itself would be a request for each row. Pure.
 */
import type { ContainerSummary } from '../engine.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What the words for whole numbers leave open, and whether they are rounded: from hours on to the next half one. */
const UNITS: Readonly<Record<string, { readonly ms: number; readonly early: number }>> = {
  second: { ms: SECOND, early: 0 },
  minute: { ms: MINUTE, early: 0 },
  hour: { ms: HOUR, early: HOUR / 2 },
  day: { ms: DAY, early: HOUR / 2 },
  week: { ms: 7 * DAY, early: HOUR / 2 },
  month: { ms: 30 * DAY, early: HOUR / 2 },
  year: { ms: 365 * DAY, early: HOUR / 2 },
};

/** https://github.com/docker/go-units/blob/master/duration.go : `Up 5 minutes (healthy)`, `Up About an hour`, `Up Less than a second`. */
export function upInStatus(status: string): ContainerSummary['upFor'] {
  const words = /^Up (.+?)(?: \(.*)?$/.exec(status)?.[1];
  if (words === undefined) return undefined;
  if (words === 'Less than a second') return { least: 0, below: SECOND };
  const [, count = '', unit = ''] = /^(\d+|About an?) ([a-z]+?)s?$/.exec(words) ?? [];
  const known = UNITS[unit];
  if (!known) return undefined;
  const whole = count.startsWith('About') ? 1 : Number(count);
  // An hour is said only when sixty minutes are over.
  return { least: Math.max(whole * known.ms - known.early, unit === 'hour' ? HOUR : 0), below: (whole + 1) * known.ms - known.early };
}
