/** The instructions of a Dockerfile and the lines they stand on. https://docs.docker.com/reference/dockerfile/#format */

export interface Instruction {
  /** In capitals. */
  readonly word: string;
  readonly text: string;
  /** First and last line, 1-based. */
  readonly start: number;
  readonly end: number;
}

/** Continuation lines, comments and here-documents; parser directives other than `escape` change nothing here. */
export function instructions(dockerfile: string): Instruction[] {
  const lines = dockerfile.split(/\r?\n/);
  const escape = /^#\s*escape\s*=\s*`/im.test(lines.slice(0, 3).join('\n')) ? '`' : '\\';
  const found: Instruction[] = [];
  for (let i = 0; i < lines.length; i++) {
    const start = i;
    if (isBlank(lines[i])) continue;
    let text = (lines[i] ?? '').trim();
    while (text.endsWith(escape) && i + 1 < lines.length) {
      i += 1;
      if (!isBlank(lines[i])) text = `${text.slice(0, -1)} ${(lines[i] ?? '').trim()}`;
    }
    for (const [, word] of text.matchAll(/<<-?["']?([A-Za-z_]\w*)["']?/g)) {
      const end = lines.findIndex((line, at) => at > i && line.trim() === word);
      if (end > 0) i = end;
    }
    found.push({ word: (/^\w+/.exec(text)?.[0] ?? '').toUpperCase(), text, start: start + 1, end: i + 1 });
  }
  return found;
}

function isBlank(line: string | undefined): boolean {
  return /^\s*(#|$)/.test(line ?? '');
}
