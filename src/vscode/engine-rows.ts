/** The list of engines in words: what a person picks from. Pure. What an engine answers and why it is in use are the core's words. */
import * as l10n from '@vscode/l10n';
import type { EngineListing, ListedEngine } from '../core/engine/listing.js';
import { inEditorWords } from './editor-words.js';

export interface EngineRow {
  /** Of a codicon; not in the label, where a screen reader would say it. */
  readonly icon: string;
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly engine: ListedEngine;
}

export interface EngineGroup {
  readonly title: string;
  readonly rows: readonly EngineRow[];
}

export function engineGroups({ engines, why }: EngineListing): readonly EngineGroup[] {
  const groups = [
    { title: l10n.t('answer'), engines: engines.filter(({ state }) => state === 'answers') },
    { title: l10n.t('cannot be used'), engines: engines.filter(({ state }) => state === 'trouble') },
    { title: l10n.t('nothing is there'), engines: engines.filter(({ state }) => state === 'absent') },
  ];
  return groups.filter(({ engines }) => engines.length > 0).map(({ title, engines }) => ({ title, rows: engines.map((engine) => rowOf(engine, why)) }));
}

const ICONS: Readonly<Record<ListedEngine['state'], string>> = { answers: 'pass', trouble: 'warning', absent: 'circle-slash' };

function rowOf(engine: ListedEngine, why: string): EngineRow {
  const { url, source, state, answer, fix, chosen } = engine;
  const next = state === 'trouble' && fix !== undefined ? [inEditorWords(fix)] : [];
  return {
    icon: chosen && state === 'answers' ? 'pass-filled' : ICONS[state],
    label: answer,
    description: url,
    detail: [source, ...(chosen ? [l10n.t('in use: {0}', why)] : []), ...next].join(' · '),
    engine,
  };
}

/** The item that leaves the choice to us. */
export function automaticRow({ engines, why }: EngineListing, isAutomatic: boolean): Omit<EngineRow, 'engine'> {
  const chosen = engines.find((engine) => engine.chosen);
  const now = chosen ? l10n.t('now {0} at {1}', chosen.answer, chosen.url) : l10n.t('now none: {0}', why);
  const rule = l10n.t('DOCKER_HOST, else the current Docker context, else the first usual place that answers');
  return {
    icon: 'sparkle',
    label: l10n.t('Automatic'),
    description: isAutomatic ? l10n.t('current: as the docker command finds it') : l10n.t('as the docker command finds it'),
    detail: isAutomatic && engines.length > 0 ? now : rule,
  };
}
