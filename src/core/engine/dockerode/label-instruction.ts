/** A label as a Dockerfile's instruction, which is how an import and Podman's builds take it. https://docs.docker.com/reference/dockerfile/#label */

/** The engine reads lines of at most 65,535 bytes (moby/buildkit frontend/dockerfile/parser), and a UTF-16 unit takes up to three. */
const LINE = 20_000;

/** Within double quotes `\`, `"` and `$` have a meaning of their own; an end of line would end the instruction. */
export function labelInstruction(key: string, value: string): string {
  return continued(`LABEL ${quoted(key)}=${quoted(value)}`);
}

function quoted(text: string): string {
  if (/[\r\n]/.test(text)) throw new TypeError('a label that is an instruction cannot hold an end of line');
  return `"${text.replace(/[\\"$]/g, '\\$&')}"`;
}

/** Split over lines where that changes nothing: not behind a backslash, and not before what could make the rest a comment or empty. */
function continued(instruction: string): string {
  const lines: string[] = [];
  let start = 0;
  while (instruction.length - start > LINE) {
    const cut = cutBefore(instruction, start + LINE, start) ?? cutAfter(instruction, start + LINE);
    lines.push(instruction.slice(start, cut));
    start = cut;
  }
  return [...lines, instruction.slice(start)].join('\\\n');
}

function cutBefore(text: string, from: number, start: number): number | undefined {
  for (let at = from; at > start; at--) if (isCut(text, at)) return at;
  return undefined;
}

function cutAfter(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (isCut(text, at)) return at;
  return text.length;
}

function isCut(text: string, at: number): boolean {
  return /^[^\\][^\s#]$/.test(text.slice(at - 1, at + 1));
}
