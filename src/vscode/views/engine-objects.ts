/**
 * What is on the engine, for all views of the side bar: one watch while any of them is looked at, none while all are hidden. What
 * was seen last stays, so that rows, selection and what is expanded are the same when it is looked at again.
 */
import { Disposable, type Event, EventEmitter, workspace } from 'vscode';
import { type ErrorReport, isCancelled } from '../../core/errors.js';
import type { ContainerRow, ImageRow, ObjectChange } from '../../core/objects/object-rows.js';
import type { Owner } from '../../core/objects/ownership.js';
import type { EngineAnswer } from '../../core/request.js';
import type { App } from '../app.js';
import { chosenEngineParams } from '../settings.js';

export type EngineState =
  | { readonly kind: 'unasked' }
  /** Nothing has been heard yet since it is looked at. */
  | { readonly kind: 'asking' }
  | { readonly kind: 'there'; readonly engine: EngineAnswer }
  | { readonly kind: 'away'; readonly problem: ErrorReport };

/** A project of the window, and how its things are told on an engine. */
export interface WindowOwner extends Owner {
  readonly root: string;
  /** As people call the project. */
  readonly name: string;
}

export type ObjectNews =
  | { readonly kind: 'engine' }
  /** Other projects, or other names for their things. */
  | { readonly kind: 'owners' }
  /** Rows that came, are other than before, or went. */
  | { readonly kind: 'containers' | 'images'; readonly ids: readonly string[] };

export class EngineObjects implements Disposable {
  private readonly changed = new EventEmitter<ObjectNews>();
  private readonly wanting = new Set<string>();
  private readonly subscriptions: Disposable;
  private following: AbortController | undefined;
  private askingOwners: AbortController | undefined;
  private isAllWanted = false;
  private containerRows = new Map<string, ContainerRow>();
  private imageRows = new Map<string, ImageRow>();
  private knownOwners: readonly WindowOwner[] = [];
  /** Settles when they are known. */
  private askedOwners: Promise<void> = Promise.resolve();
  /** Of which projects they were asked. */
  private askedRoots = '';
  private now: EngineState = { kind: 'unasked' };
  readonly onDidChange: Event<ObjectNews> = this.changed.event;

  constructor(private readonly app: Pick<App, 'core' | 'projects' | 'request'>) {
    this.subscriptions = Disposable.from(
      app.projects.onDidChange(() => {
        if (this.roots() !== this.askedRoots) this.askOwners();
        this.update();
      }),
      workspace.onDidSaveTextDocument(({ fileName }) => {
        if (/[/\\](?:pypackage\.json|pyproject\.toml|setup\.cfg|setup\.py)$/.test(fileName)) this.askOwners();
      }),
      workspace.onDidGrantWorkspaceTrust(() => this.update()),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('pypackage')) this.startOver();
      }),
    );
  }

  get containers(): ReadonlyMap<string, ContainerRow> {
    return this.containerRows;
  }

  get images(): ReadonlyMap<string, ImageRow> {
    return this.imageRows;
  }

  /** Those of the projects of this window, in their order. */
  get owners(): readonly WindowOwner[] {
    return this.knownOwners;
  }

  get state(): EngineState {
    return this.now;
  }

  /** Whether what is not ours is there, too. */
  get isAll(): boolean {
    return this.isAllWanted;
  }

  /** Resolves when something is known: at once, unless it is being asked for the first time. */
  settled(): Promise<void> {
    if (this.now.kind !== 'asking') return this.askedOwners;
    return new Promise((resolve) => {
      const subscription = this.onDidChange(({ kind }) => {
        if (kind !== 'engine' || this.now.kind === 'asking') return;
        subscription.dispose();
        resolve(this.askedOwners);
      });
    });
  }

  /** Nothing is asked, and no connection is open, while nobody wants it. @param who one for each view */
  want(who: string, isWanted: boolean): void {
    if (isWanted) this.wanting.add(who);
    else this.wanting.delete(who);
    this.update();
  }

  showAll(isAll: boolean): void {
    if (isAll === this.isAllWanted) return;
    this.isAllWanted = isAll;
    this.end();
    this.update();
  }

  dispose(): void {
    this.wanting.clear();
    this.end();
    this.askingOwners?.abort();
    this.subscriptions.dispose();
    this.changed.dispose();
  }

  /** Another engine, or another namespace: nothing that was told holds. */
  private startOver(): void {
    this.end();
    this.take({ containers: new Map(), images: new Map() });
    this.tell({ kind: 'unasked' });
    this.askOwners();
    this.update();
  }

  private update(): void {
    const isWanted = this.wanting.size > 0 && workspace.isTrusted && this.app.projects.all.length > 0;
    if (isWanted === (this.following !== undefined)) return;
    if (isWanted) this.follow();
    else this.end();
  }

  private end(): void {
    this.following?.abort();
    this.following = undefined;
    // Whoever waits for an answer waits no longer.
    if (this.now.kind === 'asking') this.tell({ kind: 'unasked' });
  }

  private follow(): void {
    const abort = new AbortController();
    // What is told before it is connected is all there is: until then the rows of the last look stay.
    let whole: Rows | undefined = { containers: new Map(), images: new Map() };
    this.following = abort;
    if (this.now.kind !== 'there') this.tell({ kind: 'asking' });
    this.askOwners();
    const onChange = (change: ObjectChange): void => {
      switch (change.type) {
        case 'connected':
          if (whole) this.take(whole);
          whole = undefined;
          this.tell({ kind: 'there', engine: change.engine });
          return;
        case 'away':
          this.tell({ kind: 'away', problem: change.problem });
          return;
        case 'containers':
          this.put('containers', whole?.containers ?? this.containerRows, change, whole !== undefined);
          return;
        case 'images':
          this.put('images', whole?.images ?? this.imageRows, change, whole !== undefined);
          return;
        default:
          change satisfies never;
      }
    };
    const onChanges = (changes: readonly ObjectChange[]): void => {
      if (abort.signal.aborted) return;
      for (const change of changes) onChange(change);
    };
    const params = { ...chosenEngineParams(), ...(this.isAllWanted && { all: true }) };
    this.app.core.call({ method: 'watchObjects', params }, { signal: abort.signal, onChanges }).catch((error: unknown) => {
      // A defect is in the journal already: the rows stay as they are, until a view is looked at again.
      if (!isCancelled(error) && this.following === abort) this.following = undefined;
    });
  }

  private askOwners(): void {
    this.askingOwners?.abort();
    if (this.wanting.size === 0 || !workspace.isTrusted) return;
    const abort = new AbortController();
    this.askingOwners = abort;
    const { core, projects, request } = this.app;
    this.askedRoots = this.roots();
    const asked = projects.all.map(async (project): Promise<readonly WindowOwner[]> => {
      const { root, name } = project.state;
      // What is wrong with its files, others say: nothing on an engine is told to be its.
      const owner = await core.call({ method: 'owner', params: request(project) }, { signal: abort.signal }).catch(() => undefined);
      return owner ? [{ ...owner, root, name }] : [];
    });
    this.askedOwners = Promise.all(asked).then((found) => {
      if (abort.signal.aborted) return;
      const owners = found.flat();
      if (JSON.stringify(owners) === JSON.stringify(this.knownOwners)) return;
      this.knownOwners = owners;
      this.changed.fire({ kind: 'owners' });
    });
  }

  private roots(): string {
    return this.app.projects.all.map(({ state }) => state.root).join('\n');
  }

  private put<T extends { readonly id: string }>(
    kind: 'containers' | 'images',
    into: Map<string, T>,
    { rows, gone }: { readonly rows: readonly T[]; readonly gone: readonly string[] },
    isQuiet: boolean,
  ): void {
    for (const id of gone) into.delete(id);
    for (const row of rows) into.set(row.id, row);
    if (!isQuiet) this.changed.fire({ kind, ids: [...rows.map(({ id }) => id), ...gone] });
  }

  private take({ containers, images }: Rows): void {
    const changedContainers = differences(this.containerRows, containers);
    const changedImages = differences(this.imageRows, images);
    this.containerRows = containers;
    this.imageRows = images;
    if (changedContainers.length > 0) this.changed.fire({ kind: 'containers', ids: changedContainers });
    if (changedImages.length > 0) this.changed.fire({ kind: 'images', ids: changedImages });
  }

  private tell(state: EngineState): void {
    const isSame = JSON.stringify(state) === JSON.stringify(this.now);
    this.now = state;
    if (!isSame) this.changed.fire({ kind: 'engine' });
  }
}

interface Rows {
  readonly containers: Map<string, ContainerRow>;
  readonly images: Map<string, ImageRow>;
}

/** Ids of what is in one of them only, or not the same in both. */
function differences<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>): readonly string[] {
  const gone = [...before.keys()].filter((id) => !after.has(id));
  const other = [...after].filter(([id, row]) => JSON.stringify(before.get(id)) !== JSON.stringify(row)).map(([id]) => id);
  return [...gone, ...other];
}
