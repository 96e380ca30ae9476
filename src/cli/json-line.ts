/** JSON that is one line for everybody: some split at Unicode's own line ends, and some terminals obey what is above ASCII's controls. */
export function jsonLine(document: object): string {
  return JSON.stringify(document).replace(/[\u007f-\u009f\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
