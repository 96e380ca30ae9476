/** What happens on the engine, for as long as a view wants to know: its coming and going, and that images changed. */
import { type ErrorReport, isCancelled } from '../../core/errors.js';
import type { ObjectChange } from '../../core/objects/object-rows.js';
import type { CoreCalls } from '../core-thread.js';
import { chosenEngine } from '../settings.js';

export interface EngineNews {
  readonly onBack: () => void;
  readonly onAway: (problem: ErrorReport) => void;
  /** Of ours, by whomever. */
  readonly onImages: () => void;
}

export class EngineWatch {
  private following: AbortController | undefined;

  constructor(
    private readonly core: CoreCalls,
    private readonly news: EngineNews,
  ) {}

  /** Nothing is asked, and no connection is open, while it is not wanted. */
  want(isWanted: boolean): void {
    if (isWanted === (this.following !== undefined)) return;
    this.following?.abort();
    this.following = isWanted ? this.follow() : undefined;
  }

  private follow(): AbortController {
    const abort = new AbortController();
    const engine = chosenEngine();
    let isThere = false;
    const onChanges = (changes: readonly ObjectChange[]): void => {
      if (abort.signal.aborted) return;
      for (const change of changes) {
        if (change.type === 'connected') {
          isThere = true;
          this.news.onBack();
        } else if (change.type === 'away') {
          isThere = false;
          this.news.onAway(change.problem);
          // What there is comes as a whole before it is connected again.
        } else if (change.type === 'images' && isThere) this.news.onImages();
      }
    };
    this.core.call({ method: 'watchObjects', params: engine ? { engine } : {} }, { signal: abort.signal, onChanges }).catch((error: unknown) => {
      // A defect is in the journal already: the rows stay as they are, until the view is looked at again.
      if (!isCancelled(error) && this.following === abort) this.following = undefined;
    });
    return abort;
  }
}
