/** The last lines that a step of a build has printed, for the error that it may end with. */
const LINES = 100;
const LONGEST_LINE = 2_000;

export class StepTail {
  private readonly kept: string[] = [];

  get lines(): readonly string[] {
    return this.kept;
  }

  push(line: string): void {
    this.kept.push(line.slice(0, LONGEST_LINE));
    if (this.kept.length > LINES) this.kept.shift();
  }

  /** Another step begins. */
  clear(): void {
    this.kept.length = 0;
  }
}
