/** A label as a Dockerfile's instruction, which is how an import takes it. https://docs.docker.com/reference/dockerfile/#label */

/** Within double quotes `\`, `"` and `$` have a meaning of their own; an end of line would end the instruction. */
export function labelInstruction(key: string, value: string): string {
  return `LABEL ${quoted(key)}=${quoted(value)}`;
}

function quoted(text: string): string {
  if (/[\r\n]/.test(text)) throw new TypeError('a label of an imported image cannot hold an end of line');
  return `"${text.replace(/[\\"$]/g, '\\$&')}"`;
}
