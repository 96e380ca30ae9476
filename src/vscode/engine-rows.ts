/** The list of engines in words: what a person picks from. Pure. */
import type { EngineListing, ListedEngine } from '../core/engine/listing.js';
import { inEditorWords } from './editor-words.js';

export interface EngineRow {
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
    { title: 'answer', engines: engines.filter(({ state }) => state === 'answers') },
    { title: 'cannot be used', engines: engines.filter(({ state }) => state === 'trouble') },
    { title: 'nothing is there', engines: engines.filter(({ state }) => state === 'absent') },
  ];
  return groups.filter(({ engines }) => engines.length > 0).map(({ title, engines }) => ({ title, rows: engines.map((engine) => rowOf(engine, why)) }));
}

const ICONS: Readonly<Record<ListedEngine['state'], string>> = { answers: 'pass', trouble: 'warning', absent: 'circle-slash' };

function rowOf(engine: ListedEngine, why: string): EngineRow {
  const { url, source, state, answer, fix, chosen } = engine;
  const next = state === 'trouble' && fix !== undefined ? [inEditorWords(fix)] : [];
  return {
    label: `$(${ICONS[state]}) ${answer}${chosen ? ' $(check)' : ''}`,
    description: url,
    detail: [source, ...(chosen ? [`in use: ${why}`] : []), ...next].join(' · '),
    engine,
  };
}

/** The item that leaves the choice to us. */
export function automaticRow({ engines, why }: EngineListing, isAutomatic: boolean): Omit<EngineRow, 'engine'> {
  const chosen = engines.find((engine) => engine.chosen);
  const now = chosen ? `now ${chosen.answer} at ${chosen.url}` : `now none: ${why}`;
  const rule = 'DOCKER_HOST, else the current Docker context, else the first usual place that answers';
  return {
    label: `$(sparkle) Automatic${isAutomatic ? ' $(check)' : ''}`,
    description: 'as the docker command finds it',
    detail: isAutomatic && engines.length > 0 ? now : rule,
  };
}
