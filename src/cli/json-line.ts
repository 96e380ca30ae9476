import { wellFormed } from '../core/bytes.js';

/** JSON that is one line for everybody: some split at Unicode's own line ends, and some terminals obey what is above ASCII's controls. */
export function jsonLine(document: object): string {
  const plain = JSON.stringify(document);
  // Half a surrogate pair is valid in JSON, and many parsers refuse it.
  const json = /\\ud[89a-f]/.test(plain) ? JSON.stringify(document, (_key, value: unknown) => (typeof value === 'string' ? wellFormed(value) : value)) : plain;
  return json.replace(/[\u007f-\u009f\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
