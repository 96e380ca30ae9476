/** The rows of the view Containers: what runs for each project, by what it is for. Pure. */
import * as l10n from '@vscode/l10n';
import type { ContainerRow } from '../../core/objects/object-rows.js';
import { isOwned, type Owner } from '../../core/objects/ownership.js';
import { COLOUR, type TreeRow } from './tree-row.js';

/** What of a project runs together: what was started of its release; containers of a run, and shells of their own. */
export type Environment = 'release' | 'jobs';

/** What a row stands for; given to a command, it says what is meant (commands/parameters.ts). */
export type ContainerElement =
  | { readonly row: 'project'; readonly project: string }
  | { readonly row: 'environment'; readonly project: string; readonly environment: Environment }
  | { readonly row: 'container'; readonly container: string };

export interface ContainerGroup {
  readonly project: string;
  readonly environment: Environment;
  /** Ids, as they stand below each other. */
  readonly containers: readonly string[];
}

const ENVIRONMENTS: Readonly<Record<string, Environment>> = { service: 'release', job: 'jobs' };

/** Those that have a container, in the order of the projects. What holds a target for a run is nothing that people started. */
export function groupsOf(containers: Iterable<ContainerRow>, owners: readonly (Owner & { readonly root: string })[]): readonly ContainerGroup[] {
  const found = new Map<string, ContainerRow[]>();
  for (const container of containers) {
    const environment = ENVIRONMENTS[container.kind ?? ''];
    const root = environment && owners.find((owner) => isOwned(container, owner))?.root;
    if (root === undefined) continue;
    const key = `${root}\n${environment}`;
    const others = found.get(key);
    if (others) others.push(container);
    else found.set(key, [container]);
  }
  const roots = [...new Set(owners.map(({ root }) => root))];
  return roots.flatMap((project) =>
    (['release', 'jobs'] as const).flatMap((environment) => {
      const members = found.get(`${project}\n${environment}`);
      return members ? [{ project, environment, containers: members.sort(byAge).map(({ id }) => id) }] : [];
    }),
  );
}

/** By what never changes: no row moves for another state. */
function byAge(a: ContainerRow, b: ContainerRow): number {
  return b.created - a.created || (a.id < b.id ? -1 : 1);
}

/** What a container is there for, in a word: `web`; its name, where it was given none by us. */
export function roleOf({ kind, name }: Pick<ContainerRow, 'kind' | 'name'>): string {
  return (kind === 'service' ? /^pypackage-.*-([a-z]+)$/.exec(name)?.[1] : undefined) ?? name;
}

/** As people call it where no row is around it: `polls web`. */
export function titleOf(container: Pick<ContainerRow, 'kind' | 'name' | 'target'>): string {
  const role = roleOf(container);
  return container.target === undefined || role === container.name ? role : `${container.target} ${role}`;
}

export function projectRow(project: string, name: string): TreeRow {
  return { id: `containers:${project}`, label: name, description: '', icon: 'package', context: 'project' };
}

export function environmentRow({ project, environment }: ContainerGroup, members: readonly ContainerRow[], isAway: boolean): TreeRow {
  const common = { id: `containers:${project}:${environment}`, context: `environment ${environment}` };
  if (environment === 'jobs') return { ...common, label: l10n.t('jobs at work'), description: isAway ? l10n.t('as last seen') : '', icon: 'tools' };
  return { ...common, label: l10n.t('release environment'), description: isAway ? l10n.t('as last seen') : stateOfAll(members), icon: 'server-environment' };
}

/** In few words, since a group is drawn again with all that is in it. */
function stateOfAll(members: readonly ContainerRow[]): string {
  if (members.some(({ health, state }) => state === 'running' && health === 'unhealthy')) return l10n.t('unhealthy');
  const running = members.filter(({ state }) => state === 'running').length;
  if (running === 0) return l10n.t('stopped');
  return running === members.length ? l10n.t('running') : l10n.t('partly running');
}

export interface ContainerSurroundings {
  readonly now: number;
  /** The engine does not answer: it may be otherwise by now. */
  readonly isAway: boolean;
  /** A name of its image; undefined where it has none. */
  readonly image: string | undefined;
}

export function containerTreeRow(container: ContainerRow, { now, isAway, image }: ContainerSurroundings): TreeRow {
  const { id, kind, state, ports } = container;
  const { words: said, icon, colour } = looksOf(container);
  const parts = [...said, ...portWords(container), ...(kind === 'job' && image !== undefined ? [image] : [])];
  const shown = isAway
    ? [l10n.t('last seen {0}', parts.join(' · '))]
    : [...parts, ...(container.upSince === undefined ? [] : [upWords(now - container.upSince)])];
  return {
    id: `container:${id}`,
    label: roleOf(container),
    description: shown.join(' · '),
    icon: isAway ? 'question' : icon,
    ...(colour !== undefined && !isAway && { colour }),
    context: ['container', isUp(state) ? 'up' : 'down', ...(state === 'running' ? ['running'] : []), ...(ports.length > 0 ? ['port'] : [])].join(' '),
  };
}

interface Looks {
  readonly words: readonly string[];
  readonly icon: string;
  readonly colour?: string;
}

function looksOf({ state, health, exitCode }: ContainerRow): Looks {
  switch (state) {
    case 'running':
      // What has a health runs: the row has little room.
      if (health === 'unhealthy') return { words: [l10n.t('unhealthy')], icon: 'error', colour: COLOUR.bad };
      if (health === 'starting') return { words: [l10n.t('not healthy yet')], icon: 'sync~spin', colour: COLOUR.busy };
      return { words: [health === 'healthy' ? l10n.t('healthy') : l10n.t('running')], icon: 'pass-filled', colour: COLOUR.good };
    case 'paused':
      return { words: [l10n.t('paused')], icon: 'debug-pause', colour: COLOUR.stale };
    case 'restarting':
      return { words: [l10n.t('restarting'), ...exitWords(exitCode)], icon: 'sync~spin', colour: COLOUR.stale };
    case 'created':
      return { words: [l10n.t('never started')], icon: 'circle-outline' };
    case 'removing':
      return { words: [l10n.t('is being removed')], icon: 'trash' };
    case 'exited':
      return isEndedBySignal(exitCode)
        ? { words: [l10n.t('stopped'), ...exitWords(exitCode)], icon: 'circle-outline' }
        : { words: [l10n.t('ended'), ...exitWords(exitCode)], icon: 'error', colour: COLOUR.bad };
    case 'dead':
      return { words: [l10n.t('dead: it could not be removed')], icon: 'error', colour: COLOUR.bad };
    default:
      return state satisfies never;
  }
}

/** TERM and KILL are how it is stopped. */
const isEndedBySignal = (exitCode: number | undefined): boolean => exitCode === undefined || [0, 137, 143].includes(exitCode);

function exitWords(exitCode: number | undefined): readonly string[] {
  return exitCode === undefined || exitCode === 0 ? [] : [l10n.t('exit code {0}', exitCode)];
}

/** One port may be published for several addresses. */
function portWords({ ports }: ContainerRow): readonly string[] {
  return [...new Set(ports.map(({ host }) => `:${host}`))];
}

/** Coarse: what is shown changes once a minute at most. */
export function upWords(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return l10n.t('just started');
  if (minutes < 60) return l10n.t('up {0} min', minutes);
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? l10n.t('up {0} h', hours) : l10n.t('up {0} days', Math.floor(hours / 24));
}

export const isUp = (state: ContainerRow['state']): boolean => state === 'running' || state === 'paused' || state === 'restarting';
