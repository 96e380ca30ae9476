/** Filters of the engine's lists. */
import type { Labels } from '../labels.js';
import type { Dialect } from './dialect.js';

export type LabelFilter = Readonly<Record<string, string | null>>;

/** What is asked of the engine; what it sends goes through `carrying`. */
export function labelFilter({ labelsPerFilter }: Dialect, labels: LabelFilter, ids?: readonly string[]): string {
  const all = Object.entries(labels).map(([key, value]) => (value === null ? key : `${key}=${value}`));
  // Podman takes an empty list for a filter without its value.
  return JSON.stringify({ ...(all.length > 0 && { label: all.slice(0, labelsPerFilter) }), ...(ids && { id: ids }) });
}

export function carrying<T extends { readonly labels: Labels }>(items: readonly T[], labels: LabelFilter): readonly T[] {
  return items.filter((item) => carries(item.labels, labels));
}

export function carries(labels: Labels, filter: LabelFilter): boolean {
  return Object.entries(filter).every(([key, value]) => (value === null ? labels[key] !== undefined : labels[key] === value));
}
