/**
 * Identity of what we make: the hash of an explicit list of inputs, never an image id, whose meaning depends on the
 * engine's image store. `FORMAT` grows whenever the same inputs would make something else.
 */
import { createHash } from 'node:crypto';
import type { Kind } from '../engine/labels.js';

const FORMAT = 1;

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** 64 hex digits. */
export function fingerprint(kind: Kind, inputs: { readonly [key: string]: Json }): string {
  return sha256(canonicalJson({ format: FORMAT, kind, ...inputs }));
}

/** JSON with sorted keys and no spaces: equal values give equal text (as RFC 8785, for what we put in). */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value as { readonly [key: string]: Json }).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
