/** Every context key that the extension sets. docs/commands.md is made of both lists. */
export interface ContextKey {
  readonly key: `pypackage.${string}`;
  readonly about: string;
}

/** Of the projects. */
export const CONTEXT_KEYS = [
  { key: 'pypackage.hasProject', about: 'a folder of the window holds a Python project' },
  { key: 'pypackage.severalProjects', about: 'two or more are known' },
  { key: 'pypackage.running', about: 'a run of this window is at work' },
  { key: 'pypackage.runningElsewhere', about: 'a run of a project of this window is at work in another window or on the command line' },
  { key: 'pypackage.hasRun', about: 'a run of this window has ended' },
  { key: 'pypackage.hasLog', about: 'there is a log to show' },
  { key: 'pypackage.hasRemedy', about: 'the last run of a project failed, and what it lacked can be added' },
  { key: 'pypackage.releaseRunning', about: 'the release of a project is known to run' },
  { key: 'pypackage.releaseStopped', about: 'the release of no project runs: all were asked' },
] as const satisfies readonly ContextKey[];

export type ContextKeyName = (typeof CONTEXT_KEYS)[number]['key'];

/** Of the views, once one of them was looked at. */
export const VIEW_KEYS = [
  { key: 'pypackage.engineAnswers', about: 'the engine answers the views' },
  { key: 'pypackage.engineAway', about: 'it does not' },
  { key: 'pypackage.allImages', about: 'the view Images shows all images of the engine' },
] as const satisfies readonly ContextKey[];

export type ViewKeyName = (typeof VIEW_KEYS)[number]['key'];
