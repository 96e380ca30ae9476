import * as l10n from '@vscode/l10n';
import { type QuickPickItem, QuickPickItemKind, ThemeIcon, window } from 'vscode';
import { looksLikeUrl, parseEngineUrl } from '../../core/engine/addresses.js';
import type { EngineListing, ListedEngine } from '../../core/engine/listing.js';
import { messageOf, reportOf } from '../../core/errors.js';
import type { App } from '../app.js';
import { toReport } from '../core-error.js';
import { automaticRow, engineGroups, type EngineRow } from '../engine-rows.js';
import { failureText } from '../message-text.js';
import { showFailure, showQuietly } from '../messages.js';
import { chooseEngine, chosenEngine } from '../settings.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';

type Choice = 'keep' | 'automatic' | 'enter' | ListedEngine;

interface ChoiceItem extends QuickPickItem {
  readonly choice?: Choice;
}

/** Which engine works for every project of this person. Runs nothing of a folder, so it works in one that is not trusted, and without one. */
export const selectEngine: Command = {
  needs: 'nothing',
  run: async (app, _, given) => {
    const named = given.get(ARGUMENTS.engine);
    const choice = named === undefined ? await pickEngine(app) : named === 'automatic' ? named : { entered: named };
    if (choice === undefined || choice === 'keep') return undefined;
    if (choice === 'enter') return enterEngine(app);
    if (choice === 'automatic') {
      await chooseEngine(undefined);
      showQuietly(`$(server) ${l10n.t('The engine is found anew for each run')}`);
      return '';
    }
    if ('entered' in choice) {
      await askAndStore(app, choice.entered, new AbortController().signal);
      return choice.entered;
    }
    const { value, url, answer, state, message, fix } = choice;
    if (state === 'answers') {
      await chooseEngine(value);
      showQuietly(`$(server) ${l10n.t('The engine is {0} at {1}', answer, url)}`);
      return value;
    }
    // What does not answer is not chosen by a slip; somebody who wants it all the same can enter its address.
    showFailure(
      l10n.t('Not selected'),
      { kind: 'engine', code: 'engine-not-selected', message: message ?? `${url}: ${answer}`, ...(fix !== undefined && { fix }) },
      { title: l10n.t('Select Engine'), command: 'pypackage.selectEngine' },
    );
    return undefined;
  },
};

/** Shown at once; what the engines answer comes when they have. */
async function pickEngine({ core }: App): Promise<Choice | undefined> {
  const picker = window.createQuickPick<ChoiceItem>();
  const closed = new AbortController();
  const setting = chosenEngine();
  try {
    picker.title = l10n.t('Engine for all projects of this machine');
    picker.placeholder = l10n.t('Asking what there is …');
    picker.matchOnDescription = true;
    picker.matchOnDetail = true;
    // Below the two that stay where they are: nothing moves under the pointer when the answers come. Enter at once changes nothing.
    const asked: readonly ChoiceItem[] = setting
      ? [{ label: setting.value, iconPath: new ThemeIcon('loading~spin'), description: setting.source, choice: 'keep' }]
      : [];
    picker.items = [...itemsOf({ engines: [], why: '' }, setting === undefined), ...asked];
    picker.activeItems = asked;
    picker.busy = true;
    const choice = new Promise<Choice | undefined>((resolve) => {
      picker.onDidAccept(() => resolve(picker.selectedItems[0]?.choice));
      picker.onDidHide(() => resolve(undefined));
    });
    picker.show();
    const listing = core.call({ method: 'engines', params: { ...(setting && { engine: setting }) } }, { signal: closed.signal }).then(
      (engines) => {
        const items = itemsOf(engines, setting === undefined);
        picker.items = items;
        picker.activeItems = items.filter(({ choice }) => (setting ? typeof choice === 'object' && choice.chosen : choice === 'automatic'));
        picker.placeholder = l10n.t('Which engine does the work');
        picker.busy = false;
      },
      (error: unknown) => {
        if (!closed.signal.aborted) throw error;
      },
    );
    return await Promise.race([choice, listing.then(() => choice)]);
  } finally {
    closed.abort();
    picker.dispose();
  }
}

function itemsOf(listing: EngineListing, isAutomatic: boolean): readonly ChoiceItem[] {
  const separator = (label: string): ChoiceItem => ({ label, kind: QuickPickItemKind.Separator });
  return [
    itemOf(automaticRow(listing, isAutomatic), 'automatic'),
    {
      label: l10n.t('Enter an Address …'),
      iconPath: new ThemeIcon('edit'),
      description: l10n.t('ssh://me@host, tcp://host:2376, unix:///path, or a Docker context'),
      choice: 'enter',
    },
    ...engineGroups(listing).flatMap(({ title, rows }) => [separator(title), ...rows.map(({ engine, ...row }) => itemOf(row, engine))]),
  ];
}

const itemOf = ({ icon, ...row }: Omit<EngineRow, 'engine'>, choice: Choice): ChoiceItem => ({ ...row, iconPath: new ThemeIcon(icon), choice });

/** Stored only when an engine answers there. */
function enterEngine(app: App): Promise<string | undefined> {
  const input = window.createInputBox();
  const closed = new AbortController();
  input.title = l10n.t('Address of an engine');
  input.placeholder = l10n.t('ssh://me@host, tcp://host:2376, unix:///path/to/docker.sock, or the name of a Docker context');
  input.prompt = l10n.t('It is asked before it is stored in your settings.');
  input.value = chosenEngine()?.value ?? '';
  input.ignoreFocusOut = true;
  input.onDidChangeValue((value) => {
    input.validationMessage = problemOf(value.trim());
  });
  return new Promise<string | undefined>((resolve, reject) => {
    let stored: string | undefined;
    const ask = async (value: string): Promise<void> => {
      input.validationMessage = value === '' ? l10n.t('Write an address, or the name of a Docker context') : problemOf(value);
      if (input.validationMessage !== undefined) return;
      input.busy = true;
      input.enabled = false;
      try {
        await askAndStore(app, value, closed.signal);
        stored = value;
        input.hide();
      } catch (error) {
        if (closed.signal.aborted) return;
        const { why, ...report } = toReport(error);
        const reason = why?.replace(/^chosen by your entry(; |$)/, '');
        input.validationMessage = failureText(l10n.t('Not selected'), { ...report, ...(reason !== undefined && reason !== '' && { why: reason }) });
      }
      input.busy = false;
      input.enabled = true;
    };
    input.onDidAccept(() => void ask(input.value.trim()).catch(reject));
    input.onDidHide(() => {
      closed.abort();
      input.dispose();
      resolve(stored);
    });
    input.show();
  });
}

/** Rejects with what the engine's place answered; nothing is stored then. */
async function askAndStore({ core }: App, value: string, signal: AbortSignal): Promise<void> {
  const { product, version, url } = await core.call({ method: 'askEngine', params: { engine: { value, source: 'your entry' } } }, { signal });
  await chooseEngine(value);
  showQuietly(`$(server) ${l10n.t('The engine is {0} at {1}', `${product} ${version}`, url)}`);
}

/** What is wrong with it before anything is asked. */
function problemOf(value: string): string | undefined {
  if (value === '') return undefined;
  // https://github.com/docker/cli/blob/master/cli/context/store/store.go : what a context may be called
  if (!looksLikeUrl(value))
    return /^[a-zA-Z0-9][\w.+-]+$/.test(value) ? undefined : l10n.t('"{0}" is neither an address nor the name of a Docker context', value);
  try {
    parseEngineUrl(value, 'your entry');
    return undefined;
  } catch (error) {
    const { fix } = reportOf(error);
    return `${messageOf(error)}.${fix === undefined ? '' : ` ${fix}.`}`;
  }
}
