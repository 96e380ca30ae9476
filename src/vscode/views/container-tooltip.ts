/** What a container's row tells besides, as Markdown. Pure. */
import * as l10n from '@vscode/l10n';
import { formatAgo } from '../../core/format.js';
import type { ContainerRow } from '../../core/objects/object-rows.js';
import { containerTreeRow, titleOf } from './container-rows.js';

/** @param image a name of its image; undefined where it has none */
export function containerTooltip(container: ContainerRow, image: string | undefined, now: number): string {
  const { id, name, created, ports, imageId } = container;
  const { description } = containerTreeRow(container, { now, isAway: false, image: undefined });
  const lines = [
    l10n.t('Container {0}', code(`${name} ${id.slice(0, 12)}`)),
    l10n.t('Image {0}', code(image ?? imageId.replace(/^sha256:/, '').slice(0, 12))),
    l10n.t('Created {0}', formatAgo(created, now)),
    ...ports.map(({ address, host, container: inside }) => l10n.t('Port {0} at {1}', inside, code(`${address === '' ? '*' : address}:${host}`))),
  ];
  return `**${titleOf(container)}** · ${description}\n\n${lines.map((line) => `- ${line}`).join('\n')}`;
}

const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;
