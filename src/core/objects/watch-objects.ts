/**
 * The rows of an engine, kept up to date for as long as somebody looks: the whole once, then what is other. It waits for an engine
 * that is not there, and nothing is asked but when an event says that something changed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError, reportOf, throwIfAborted } from '../errors.js';
import { answerOf } from '../doctor.js';
import type { ContainerSummary, Engine, EngineEvent } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import { type ContainerRow, containerRow, type ImageRow, imageRow, type ObjectChange, type RowChanges } from './object-rows.js';
import { RowMemory } from './row-memory.js';
import { UpSince } from './up-since.js';

/** Of an engine that could not be found. */
const TRY_AGAIN_MS = 1_500;
/** How long events are gathered: one `docker run` makes four of a container within some milliseconds. */
const GATHER_MS = 40;
/** Containers that are asked for by id; of more, the whole list is. */
const MANY = 25;
/** Between two looks at a whole list, so that a burst of events costs a few of them, and before something is asked again. */
const REST_MS = 300;
/** At one container whose end the list does not show. */
const MOST_LOOKS = 20;

export interface WatchObjects {
  readonly connect: () => Promise<Engine>;
  /** Also what is not ours. */
  readonly all: boolean;
  readonly onChange: (change: ObjectChange) => void;
  readonly signal: AbortSignal;
}

/** Ends with the signal: CancelledError. */
export async function watchObjects(request: WatchObjects): Promise<never> {
  const { connect, onChange, signal } = request;
  // What was told stays known, whichever connection it came over.
  const objects = new Objects(request);
  let last = '';
  for (;;) {
    throwIfAborted(signal);
    try {
      const engine = await connect();
      last = '';
      await objects.follow(engine);
    } catch (error) {
      if (signal.aborted) throw new CancelledError();
      const problem = reportOf(error);
      if (problem.kind === 'defect') throw error;
      if (JSON.stringify(problem) !== last) onChange({ type: 'away', problem });
      last = JSON.stringify(problem);
    }
    await sleep(TRY_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** What happens to a container without changing its row; a health check tells two of them each time. */
const UNSEEN = /^(?:exec_|top$|resize$|attach$|detach$|archive-path$|extract-to-dir$|copy$|export$|commit$)/;

class Objects {
  private readonly containers = new RowMemory<ContainerRow>();
  private readonly images = new RowMemory<ImageRow>();
  private readonly upSince = new UpSince();
  private readonly labels: Readonly<Record<string, null>>;
  /** Containers that something happened to. */
  private readonly touched = new Set<string>();
  /** How often the list still showed one as running that has ended by its last event. Docker 20.10's is behind for a moment. */
  private readonly ended = new Map<string, number>();
  private areImagesTouched = false;
  private isAway = false;
  private looking: Promise<void> | undefined;
  private containerLooking: Promise<void> | undefined;
  private imageLooking: Promise<void> | undefined;

  constructor(private readonly request: WatchObjects) {
    this.labels = request.all ? {} : { [LABEL.kind]: null };
  }

  /** Ends when the engine is to be found anew: a tunnel that ended does not come back. */
  async follow(engine: Engine): Promise<void> {
    const { labels } = this;
    const { signal, onChange } = this.request;
    const ending = new AbortController();
    let failure: { readonly error: unknown } | undefined;
    try {
      await engine.watch({
        labels,
        kinds: ['container', 'image'],
        onSnapshot: ({ containers, images }) => {
          this.isAway = false;
          this.tell('containers', this.containers.replace(this.rowsOf(containers)));
          this.tell('images', this.images.replace(images.map((image) => imageRow(image))));
          onChange({ type: 'connected', engine: answerOf(engine.info) });
        },
        onEvent: (event) => {
          this.note(event);
          this.looking = Promise.all([this.containerLook(engine), this.imageLook(engine)]).then(
            () => undefined,
            (error: unknown) => {
              failure = { error };
              ending.abort();
            },
          );
        },
        onState: (state) => {
          this.isAway = !state.connected;
          if (state.connected) return;
          onChange({ type: 'away', problem: reportOf(state.problem) });
          if (engine.info.endpoint.tunnel?.ended() !== undefined) ending.abort();
        },
        signal: AbortSignal.any([signal, ending.signal]),
      });
    } finally {
      await this.looking;
    }
    throwIfAborted(signal);
    if (failure) throw failure.error;
  }

  private note({ kind, action, id }: EngineEvent): void {
    if (kind === 'image') this.areImagesTouched = true;
    else if (!UNSEEN.test(action)) {
      this.touched.add(id);
      if (action === 'die') this.ended.set(id, 0);
      else if (action === 'start' || action === 'destroy') this.ended.delete(id);
    }
  }

  /** Each by itself: a container's row does not wait for the images' rest. */
  private containerLook(engine: Engine): Promise<void> {
    return (this.containerLooking ??= this.look(
      () => this.touched.size > 0,
      async () => {
        const isWhole = this.touched.size > MANY;
        return (await this.lookAtContainers(engine)) && !isWhole;
      },
    ).finally(() => {
      this.containerLooking = undefined;
    }));
  }

  private imageLook(engine: Engine): Promise<void> {
    return (this.imageLooking ??= this.look(
      () => this.areImagesTouched,
      async () => {
        await this.lookAtImages(engine);
        return false;
      },
    ).finally(() => {
      this.imageLooking = undefined;
    }));
  }

  /** Until nothing is left to be asked. @param ask false: the next question is to wait */
  private async look(isNeeded: () => boolean, ask: () => Promise<boolean>): Promise<void> {
    const { signal } = this.request;
    try {
      while (!this.isAway && isNeeded()) {
        await sleep(GATHER_MS, undefined, { signal });
        if (!(await ask())) await sleep(REST_MS, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** False: something is to be asked again. */
  private async lookAtContainers(engine: Engine): Promise<boolean> {
    const ids = [...this.touched];
    const isWhole = ids.length > MANY;
    let isBehind = false;
    const hasAnswered = await this.ask(
      ids.length > 0,
      async () => {
        this.touched.clear();
        const found = await engine.findContainers(this.labels, this.request.signal, isWhole ? undefined : ids);
        const rows = this.rowsOf(found);
        this.tell('containers', isWhole ? this.containers.replace(rows) : this.containers.update(ids, rows));
        for (const { id, state } of rows) isBehind = this.isBehind(id, state) || isBehind;
      },
      () => ids.forEach((id) => this.touched.add(id)),
    );
    return hasAnswered && !isBehind;
  }

  private rowsOf(containers: readonly ContainerSummary[]): readonly ContainerRow[] {
    const now = Date.now();
    return containers.map((container) => containerRow(container, this.upSince.of(container, now)));
  }

  private isBehind(id: string, state: ContainerRow['state']): boolean {
    const times = this.ended.get(id);
    if (times === undefined) return false;
    if (state !== 'running' || times >= MOST_LOOKS) {
      this.ended.delete(id);
      return false;
    }
    this.ended.set(id, times + 1);
    this.touched.add(id);
    return true;
  }

  private lookAtImages(engine: Engine): Promise<boolean> {
    return this.ask(
      this.areImagesTouched,
      async () => {
        this.areImagesTouched = false;
        const found = await engine.findImages(this.labels, this.request.signal);
        this.tell('images', this.images.replace(found.map((image) => imageRow(image))));
      },
      () => {
        this.areImagesTouched = true;
      },
    );
  }

  /** An engine may refuse a list while something in it is being removed. One that went away says so to the watch, which lists everything again. */
  private async ask(isNeeded: boolean, work: () => Promise<void>, again: () => void): Promise<boolean> {
    if (!isNeeded) return true;
    try {
      await work();
      return true;
    } catch (error) {
      if (this.request.signal.aborted || reportOf(error).kind === 'defect') throw error;
      again();
      return false;
    }
  }

  private tell(type: 'containers', changes: RowChanges<ContainerRow>): void;
  private tell(type: 'images', changes: RowChanges<ImageRow>): void;
  private tell(type: 'containers' | 'images', { rows, gone }: RowChanges<ContainerRow & ImageRow>): void {
    if (type === 'containers') this.upSince.forget(gone);
    if (rows.length > 0 || gone.length > 0) this.request.onChange({ type, rows, gone });
  }
}
