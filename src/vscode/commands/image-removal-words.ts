/** What the removal of images takes away, in the words of the dialog. Pure. */
import * as l10n from '@vscode/l10n';
import { formatSize } from '../../core/format.js';
import { shortId } from '../../core/objects/own-image.js';
import type { RemovalPreview, RemovalRow } from '../../core/objects/remove-images.js';

/** Rows that a dialog has room for. */
const MOST = 12;

export function removalTitle({ rows }: RemovalPreview): string {
  const [first] = rows;
  if (first && rows.length === 1) return first.isWhole ? l10n.t('Remove {0}?', nameOf(first)) : l10n.t('Remove the name {0}?', nameOf(first));
  return l10n.t('Remove {0} images?', rows.length);
}

export function removalDetail({ rows, freed }: RemovalPreview): string {
  const shown = rows.slice(0, MOST).map(lineOf);
  const rest = rows.length - shown.length;
  const running = rows.flatMap(({ usedBy }) => usedBy.filter(({ isRunning }) => isRunning).map(({ name }) => name));
  return [
    ...shown,
    ...(rest > 0 ? [l10n.t('… and {0} more', rest)] : []),
    '',
    freed === undefined
      ? l10n.t('How much that frees, the engine does not say.')
      : freed === 0
        ? l10n.t('That frees nothing.')
        : l10n.t('That frees {0}.', formatSize(freed)),
    ...(running.length > 0 ? [l10n.t('What runs keeps its image: stop it first ({0}).', running.join(', '))] : []),
  ].join('\n');
}

function lineOf(row: RemovalRow): string {
  const { names, isWhole, kind, project, usedBy } = row;
  const whose = kind === undefined ? l10n.t('not of PyPackage') : project === undefined ? kind : l10n.t('{0} of {1}', kind, project);
  const users = usedBy.length > 0 ? [l10n.t('used by {0}', usedBy.map(({ name }) => name).join(', '))] : [];
  const what = names.length === 0 ? nameOf(row) : names.join(', ');
  return [what, whose, ...(isWhole ? [] : [l10n.t('other projects keep it')]), ...users].join(' · ');
}

const nameOf = ({ names, image }: RemovalRow): string => names[0] ?? shortId(image);
