/** What a tree shows of one thing: facts in words, for people and for screen readers. */
export interface TreeRow {
  /** Stays the same whatever becomes of the thing: selection and expansion hang on it. */
  readonly id: string;
  readonly label: string;
  /** The state, in words. */
  readonly description: string;
  /** Of a codicon. */
  readonly icon: string;
  /** Id of a theme colour. */
  readonly colour?: string;
  /** Words for `when` clauses, with a space between them. */
  readonly context: string;
}

/** Colours that themes give to good, bad and waiting. https://code.visualstudio.com/api/references/theme-color */
export const COLOUR = { good: 'testing.iconPassed', bad: 'testing.iconFailed', stale: 'list.warningForeground', busy: 'progressBar.background' } as const;
