/** Numbers as people say them; the same words in the terminal and in the editor. Pure, and without the locale of the machine. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `512 B`, `96 KB`, `3.4 MB`, `168 MB`, `1.2 GB`: decimal units, as registries and `docker images` count. */
export function formatSize(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1e3)} KB`;
  if (bytes < 9.95e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  if (bytes < 999.5e6) return `${Math.round(bytes / 1e6)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** `40 ms`, `0.6 s`, `12 s`, `1 min 5 s`, `2 h 3 min`, from milliseconds. */
export function formatDuration(ms: number): string {
  if (ms < 99.5) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 9_950) return `${(ms / SECOND).toFixed(1)} s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined(`${minutes} min`, seconds % 60, 's');
  return joined(`${Math.floor(minutes / 60)} h`, minutes % 60, 'min');
}

/** Whole seconds, for a clock that is looked at while it runs: `3 s`, `1 min 5 s`. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  return seconds < 10 ? `${seconds} s` : formatDuration(seconds * SECOND);
}

/** `just now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 days ago`, then the date (UTC). Both in milliseconds since 1970. */
export function formatAgo(then: number, now: number): string {
  const age = now - then;
  if (age < 5 * SECOND) return 'just now';
  if (age < MINUTE) return `${Math.floor(age / SECOND)} s ago`;
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`;
  if (age < 30 * DAY) return `${formatCount(Math.floor(age / DAY), 'day')} ago`;
  return new Date(then).toISOString().slice(0, 10);
}

/** `1 wheel`, `14 wheels`, `2 dependencies`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function joined(whole: string, rest: number, unit: string): string {
  return rest === 0 ? whole : `${whole} ${rest} ${unit}`;
}
