/** Filters of the engine's lists. */
export type LabelFilter = Readonly<Record<string, string | null>>;

export function labelFilter(labels: LabelFilter): string {
  return JSON.stringify({ label: Object.entries(labels).map(([key, value]) => (value === null ? key : `${key}=${value}`)) });
}
