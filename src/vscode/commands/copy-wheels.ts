import * as l10n from '@vscode/l10n';
import { env } from 'vscode';
import type { WheelEntry } from '../../core/wheels/wheel-documents.js';
import { showQuietly } from '../messages.js';
import { sidebarOf } from '../views/sidebar.js';
import { requirementOf } from '../views/wheel-rows.js';
import type { Command } from './command.js';
import { hintAtNoWheels, meantWheels, verifyMeant } from './meant-wheels.js';

/** `name==version`, a line for each. */
export const copyWheelRequirement: Command = {
  needs: 'project',
  run: async (app, project, given) => {
    const wheels = (await meantWheels(app, project, given)).flatMap(({ wheels }) => wheels);
    const lines = wheels.filter(({ version }) => version !== '').map(requirementOf);
    if (lines.length === 0) return hintAtNoWheels(project);
    return copy(lines, lines.length === 1 ? l10n.t('Copied {0}', lines[0] ?? '') : l10n.t('Copied {0} requirements', lines.length));
  },
};

/** `sha256:…`, a line for each. */
export const copyWheelHash: Command = {
  needs: 'project',
  run: async (app, project, given) => {
    const lines: string[] = [];
    const { wheels: lists } = sidebarOf(app);
    for (const { document, wheels } of await meantWheels(app, project, given)) {
      for (const wheel of wheels) {
        const isAsLocked = isOfLockedSize(wheel) && lists.verdictOf(wheel)?.state !== 'other';
        // What the lock says of another file is not the hash of this one.
        const sha256 = isAsLocked ? wheel.sha256 : (await verifyMeant(app, document, wheel)).sha256;
        if (sha256 !== undefined) lines.push(`sha256:${sha256}`);
      }
    }
    if (lines.length === 0) return hintAtNoWheels(project);
    return copy(lines, lines.length === 1 ? l10n.t('Copied the hash') : l10n.t('Copied {0} hashes', lines.length));
  },
};

const isOfLockedSize = ({ sha256, warnings }: WheelEntry): boolean => sha256 !== undefined && warnings.every(({ kind }) => kind !== 'other-size');

async function copy(lines: readonly string[], text: string): Promise<string> {
  const copied = lines.join('\n');
  await env.clipboard.writeText(copied);
  showQuietly(text);
  return copied;
}
