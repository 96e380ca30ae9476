/** What a dialog says of containers that are about to go. Pure. */
import * as l10n from '@vscode/l10n';
import { formatSize } from '../../core/format.js';
import type { LookedAtContainer } from '../../core/objects/look-at-containers.js';
import { isUp, roleOf, titleOf } from '../views/container-rows.js';

/** Rows of a dialog: more are counted. */
const MOST = 10;

export interface RemovalWords {
  readonly message: string;
  readonly detail: string;
  /** Those that go without force. */
  readonly ended: readonly LookedAtContainer[];
}

export function removalWords(containers: readonly LookedAtContainer[]): RemovalWords {
  const [first] = containers;
  const ended = containers.filter(({ state }) => !isUp(state));
  const running = containers.length - ended.length;
  const size = containers.reduce((sum, container) => sum + (container.size ?? 0), 0);
  const rows = containers.slice(0, MOST).map((container) => {
    const name = roleOf(container) === container.name ? container.name : `${titleOf(container)} (${container.name})`;
    return isUp(container.state) ? l10n.t('{0}: it runs', name) : name;
  });
  return {
    message: first && containers.length === 1 ? l10n.t('Remove {0}?', titleOf(first)) : l10n.t('Remove {0} containers?', containers.length),
    detail: [
      ...rows,
      ...(containers.length > MOST ? [l10n.t('and {0} more', containers.length - MOST)] : []),
      '',
      l10n.t('That frees {0}. Images stay, and so does what is in volumes with a name.', formatSize(size)),
      ...(running === 0 ? [] : [running === 1 ? l10n.t('What runs is ended at once.') : l10n.t('{0} run and are ended at once.', running)]),
    ].join('\n'),
    ended,
  };
}
