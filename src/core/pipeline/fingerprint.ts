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
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** Array.isArray does not narrow readonly arrays. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
