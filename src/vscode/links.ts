/** Places that tools print: paths in our containers and in the project, with a line where they name one. Pure; `link-targets.ts` finds the files. */

export interface FoundLink {
  /** Offset in the line. */
  readonly start: number;
  readonly length: number;
  /** As it was printed: `/src/polls/views.py`, `ext/fast.c`. */
  readonly path: string;
  /** 1-based. */
  readonly line?: number;
  readonly column?: number;
}

/** Lines without any of this hold no link: nearly all of a build's output, and the expressions below need not run. */
const SUSPECT = /\/(?:src|application|site-packages)\/|\.\w{1,4}:\d|", line \d|^ {2}where /;
/** Longer lines are data. */
const LONGEST = 2_000;

/** `File "/src/x.py", line 12`: Python's tracebacks. */
const PYTHON = /File "([^"<>]+)", line (\d+)/g;
/** `/src/polls/views.py:12:5`, of a file in a container. */
const CONTAINER = /\/(?:src|application|appenv\/lib\/python3\.\d+\/site-packages)\/[^\s:"'`()[\]<>,;|*=]+(?::(\d+)(?::(\d+))?)?/g;
/** `ext/fast.c:3:5: error`, `polls/tests.py:12: AssertionError`, `--> src/lib.rs:7:9`: compilers and test runners, relative to where they began. */
const RELATIVE = /(?<![\w/.~:-])(?!\d+:)((?:\.{1,2}\/)*[\w@+-][\w@+./-]*\.[A-Za-z]\w{0,5}):(\d+)(?::(\d+))?(?![\w.])/g;
/** What an error of ours is about. */
const WHERE = /^ {2}where {2}(\S+?)(?::(\d+)(?::(\d+))?)?$/d;

export function linksIn(text: string): readonly FoundLink[] {
  if (text.length > LONGEST || !SUSPECT.test(text)) return [];
  const own = WHERE.exec(text);
  if (own) return [linkOf(own.indices?.[1]?.[0] ?? 0, text.length - (own.indices?.[1]?.[0] ?? 0), own[1] ?? '', own[2], own[3])];
  const found: FoundLink[] = [];
  const add = (link: FoundLink): void => {
    if (!found.some(({ start, length }) => link.start < start + length && start < link.start + link.length)) found.push(link);
  };
  for (const match of text.matchAll(PYTHON)) add(linkOf(match.index + 'File "'.length, match[0].length - 'File "'.length, match[1] ?? '', match[2], undefined));
  for (const match of text.matchAll(CONTAINER)) {
    // A sentence's stop is no part of the path.
    const whole = match[1] === undefined ? match[0].replace(/[.!?]+$/, '') : match[0];
    add(linkOf(match.index, whole.length, whole.replace(/:\d+(?::\d+)?$/, ''), match[1], match[2]));
  }
  for (const match of text.matchAll(RELATIVE)) add(linkOf(match.index, match[0].length, match[1] ?? '', match[2], match[3]));
  return found.sort((a, b) => a.start - b.start);
}

function linkOf(start: number, length: number, path: string, line: string | undefined, column: string | undefined): FoundLink {
  return { start, length, path, ...(line !== undefined && { line: Number(line) }), ...(column !== undefined && { column: Number(column) }) };
}

/** The part of a document that is used here. */
export interface Lines {
  readonly count: number;
  at(line: number): string;
}

export interface LinkInDocument<T> {
  readonly line: number;
  readonly start: number;
  readonly length: number;
  readonly target: T;
}

export interface DocumentScanOptions {
  /** Lines looked at in one go. What an editor asks for takes no time; of a flood the end counts. */
  readonly lines: number;
  /** Links kept: the last ones. */
  readonly links: number;
}

const LIMITS: DocumentScanOptions = { lines: 20_000, links: 2_000 };

/**
 * Links of a document that grows at its end. An editor asks for all of them after each change: what was read is not read again, and what
 * is known of the project's folder from a line (`context`) holds for those below it.
 */
export class DocumentScan<T> {
  private next = 0;
  private last = '';
  private context: string | undefined;
  private found: LinkInDocument<T>[] = [];

  constructor(
    /** What a line says of the lines below it: which project they are of. */
    private readonly contextOf: (text: string) => string | undefined,
    private readonly find: (text: string, context: string | undefined) => readonly Omit<LinkInDocument<T>, 'line'>[],
    private readonly limits: DocumentScanOptions = LIMITS,
  ) {}

  links(document: Lines): readonly LinkInDocument<T>[] {
    // The last line may have been a part of one. A document that lost its beginning is another one.
    if (document.count < this.next || (this.next > 0 && document.at(this.next - 1) !== this.last)) this.forget();
    const end = Math.max(0, document.count - 1);
    for (let line = Math.max(this.next, end - this.limits.lines); line < end; line++) {
      const text = document.at(line);
      this.context = this.contextOf(text) ?? this.context;
      for (const link of this.find(text, this.context)) this.found.push({ ...link, line });
      this.last = text;
    }
    if (this.found.length > this.limits.links) this.found = this.found.slice(-this.limits.links);
    this.next = end;
    return this.found;
  }

  private forget(): void {
    this.next = 0;
    this.context = undefined;
    this.found = [];
  }
}
