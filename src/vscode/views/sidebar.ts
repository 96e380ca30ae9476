/** What the views of the side bar share; made with the first of them that is looked at. */
import { commands } from 'vscode';
import type { App } from '../app.js';
import type { ViewKeyName } from '../commands/context-key-specs.js';
import { ShownDocument } from '../shown-document.js';
import { EngineObjects } from './engine-objects.js';
import { StatusKeeper } from './status-keeper.js';
import { WheelLists } from './wheel-lists.js';

export interface Sidebar {
  readonly objects: EngineObjects;
  readonly status: StatusKeeper;
  /** Two releases beside each other. */
  readonly comparison: ShownDocument;
  readonly wheels: WheelLists;
  showAllImages(isAll: boolean): Promise<void>;
}

/** Where the workspace remembers whether all images of the engine are shown. */
const ALL_IMAGES = 'pypackage.allImages';

const sidebars = new WeakMap<App, Sidebar>();

export function sidebarOf(app: App): Sidebar {
  const known = sidebars.get(app);
  if (known) return known;
  const sidebar = makeSidebar(app);
  sidebars.set(app, sidebar);
  return sidebar;
}

function makeSidebar(app: App): Sidebar {
  const objects = app.own(new EngineObjects(app));
  const keys = new Map<ViewKeyName, boolean>();
  const setKey = (key: ViewKeyName, value: boolean): void => {
    if ((keys.get(key) ?? false) === value) return;
    keys.set(key, value);
    void commands.executeCommand('setContext', key, value);
  };
  const showAll = (isAll: boolean): void => {
    objects.showAll(isAll);
    setKey('pypackage.allImages', isAll);
  };
  app.own(
    objects.onDidChange(({ kind }) => {
      if (kind !== 'engine') return;
      setKey('pypackage.engineAnswers', objects.state.kind === 'there');
      setKey('pypackage.engineAway', objects.state.kind === 'away');
    }),
  );
  showAll(app.memory.get(ALL_IMAGES) === true);
  return {
    objects,
    status: app.own(new StatusKeeper(app, objects)),
    wheels: app.own(new WheelLists(app)),
    comparison: app.own(new ShownDocument('pypackage-comparison', '/Comparison.md')),
    async showAllImages(isAll) {
      showAll(isAll);
      await app.memory.update(ALL_IMAGES, isAll ? true : undefined);
    },
  };
}
