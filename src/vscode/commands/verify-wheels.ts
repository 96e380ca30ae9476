import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { ProgressLocation, window } from 'vscode';
import type { WheelVerdict } from '../../core/wheels/wheel-documents.js';
import { showDone, showHint } from '../messages.js';
import { withSignal } from '../with-signal.js';
import type { Command } from './command.js';
import { hintAtNoWheels, meantWheels, verifyMeant } from './meant-wheels.js';

/** Reads every byte of the wheels, and compares them with the lock of the export and with what they say of themselves. */
export const verifyWheels: Command = {
  needs: 'project',
  run: async (app, project, given) => {
    const { name } = project.state;
    const meant = (await meantWheels(app, project, given)).flatMap(({ document, wheels }) => wheels.map((wheel) => ({ document, wheel })));
    const [first] = meant;
    if (!first) return hintAtNoWheels(project);
    const title = meant.length === 1 ? l10n.t('Verifying {0}', first.wheel.file) : l10n.t('Verifying {0} wheels of {1}', meant.length, name);
    const verdicts = await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (progress, token) =>
      withSignal(token, async (signal) => {
        const found: WheelVerdict[] = [];
        for (const { document, wheel } of meant) {
          progress.report(meant.length === 1 ? {} : { message: wheel.file, increment: 100 / meant.length });
          found.push(await verifyMeant(app, document, wheel, signal));
        }
        return found;
      }),
    );
    tell(name, verdicts);
    return verdicts.map(({ path, state, files }) => ({ path, state, files: files.map((file) => file.path) }));
  },
};

function tell(name: string, verdicts: readonly WheelVerdict[]): void {
  const wrong = verdicts.filter(({ state, files }) => state !== 'as locked' || files.length > 0);
  const [first] = wrong;
  if (!first) {
    const [only = { path: '' }] = verdicts;
    showDone(
      verdicts.length === 1
        ? l10n.t('{0} is as it was locked.', basename(only.path))
        : l10n.t('The {0} wheels of {1} are as they were locked.', verdicts.length, name),
    );
    return;
  }
  const [file, why] = [basename(first.path), stateWords(first)];
  showHint(
    wrong.length === 1
      ? l10n.t('{0} is not as it was locked: {1}.', file, why)
      : l10n.t('{0} of {1} wheels of {2} are not as they were locked. The first is {3}: {4}.', wrong.length, verdicts.length, name, file, why),
  );
}

function stateWords({ state, files, problem }: WheelVerdict): string {
  switch (state) {
    case 'missing':
      return l10n.t('it is missing');
    case 'unlisted':
      return l10n.t('the lock does not name it');
    case 'damaged':
      return problem ?? l10n.t('it is damaged');
    case 'other':
      return l10n.t('its hash is another');
    case 'as locked':
      return files.length === 1 ? l10n.t('1 file in it is not as its RECORD says') : l10n.t('{0} files in it are not as its RECORD says', files.length);
    default:
      return state satisfies never;
  }
}
