/** Two releases beside each other, as Markdown. Pure. */
import * as l10n from '@vscode/l10n';
import { formatSize } from '../core/format.js';
import type { ImageComparison, PackageChange } from '../core/objects/compare-images.js';
import { shortId } from '../core/objects/own-image.js';

export function comparisonText({ before, after, added, removed, changed, same }: ImageComparison): string {
  const nameOf = ({ tags, id }: ImageComparison['before']): string => tags.find((tag) => !tag.endsWith(':latest')) ?? tags[0] ?? shortId(id);
  const grown = after.size - before.size;
  const change = grown === 0 ? l10n.t('the same') : grown > 0 ? l10n.t('{0} more', formatSize(grown)) : l10n.t('{0} less', formatSize(-grown));
  return [
    `# ${l10n.t('What is other in {0}', plain(tagOf(nameOf(after))))}`,
    '',
    `| | ${l10n.t('Before')} | ${l10n.t('Now')} |`,
    '| --- | --- | --- |',
    `| ${l10n.t('Release')} | ${cell(nameOf(before))} | ${cell(nameOf(after))} |`,
    `| ${l10n.t('Made')} | ${new Date(before.created).toLocaleString()} | ${new Date(after.created).toLocaleString()} |`,
    `| ${l10n.t('Size')} | ${formatSize(before.size)} | ${formatSize(after.size)} (${change}) |`,
    '',
    ...table(
      l10n.t('Changed'),
      [l10n.t('Package'), l10n.t('Before'), l10n.t('Now'), ''],
      changed.map((one) => [one.name, one.before, one.after, direction(one.kind)]),
    ),
    ...table(
      l10n.t('Added'),
      [l10n.t('Package'), l10n.t('Version'), l10n.t('Size')],
      added.map(({ name, version, size }) => [name, version, formatSize(size)]),
    ),
    ...table(
      l10n.t('Removed'),
      [l10n.t('Package'), l10n.t('Version'), l10n.t('Size')],
      removed.map(({ name, version, size }) => [name, version, formatSize(size)]),
    ),
    same === 1 ? l10n.t('One package is the same in both.') : l10n.t('{0} packages are the same in both.', same),
    '',
  ].join('\n');
}

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [`## ${title}`, '', line(heads), `|${' --- |'.repeat(heads.length)}`, ...rows.map(line), ''];
}

function direction(kind: PackageChange['kind']): string {
  switch (kind) {
    case 'upgraded':
      return l10n.t('upgraded');
    case 'downgraded':
      return l10n.t('downgraded');
    case 'other':
      return '';
  }
}

const tagOf = (reference: string): string => reference.slice(reference.lastIndexOf(':') + 1);
/** What images are called is no Markdown. */
const plain = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>()#+!|~]/g, '\\$&');
const cell = (text: string): string => plain(text).replaceAll(/\s+/g, ' ');
