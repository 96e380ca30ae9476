/** The views of the side bar. What fills one is loaded when somebody looks at it. */
import { Disposable } from 'vscode';
import type { App } from '../app.js';
import { loadOnDemand } from '../load-on-demand.js';
import { LazyTree } from './lazy-tree.js';
import type { TargetElement } from './target-rows.js';

export function registerViews(app: App): Disposable {
  const targets = new LazyTree<TargetElement>('pypackage.targets', async (place) => (await loadOnDemand()).fillTargets(app, place));
  app.selections.add('pypackage.targets', () => targets.selection);
  return Disposable.from(targets);
}
