/** The stages of a run, one after the other, each asked first whether what it makes is there. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ImageSummary } from '../engine/engine.js';
import { CancelledError, UserError, reportOf, throwIfAborted } from '../errors.js';
import { formatSize } from '../format.js';
import { fingerprintTag, imageName } from '../images/names.js';
import { checkKnownExtras } from '../project/extras.js';
import type { ReleaseSummary, StageName } from './events.js';
import { cacheFiles } from './facts.js';
import { digestOf, openOf, sourcesOf, withLock, withOpen } from './dependency-sources.js';
import { explainFullDisk } from './full-disk.js';
import { wantedFrom } from './wanted.js';
import type { DependencySources } from './wanted.js';
import type { ApplicationFacts, BaseImageFacts, DependencyFacts } from './image-facts.js';
import { StaleFacts } from './lease.js';
import type { TargetLease } from './lease.js';
import { lookAtApplication, lookAtBase, lookAtBuilder, lookAtDependencies, lookAtLayer, lookAtRelease, systemPackagesOf, toolchainOf } from './plan.js';
import type { Look, ReleaseLook } from './plan.js';
import { removePassed } from './retention.js';
import { makeBase, pullBase } from './stages/base.js';
import { makeBuilder } from './stages/builder.js';
import { referenceOf } from './stages/context.js';
import type { StageContext } from './stages/context.js';
import { makeDependencies } from './stages/dependencies.js';
import { checkFitness, frontEndNote } from './stages/fitness.js';
import { NO_DEPENDENCIES, exportIfStale, isExportStale } from './stages/export.js';
import { makeLock, readVersions, refuseForeignLock } from './stages/lock.js';
import type { Upgrade } from './stages/lock.js';
import { makeLayer, makeRelease, summaryOf } from './stages/release.js';
import { makeApplication } from './stages/wheels.js';
import type { Made } from './stages/wheels.js';

interface Base {
  readonly image: ImageSummary;
  readonly reference: string;
  readonly facts: BaseImageFacts;
  readonly fingerprint: string;
}

interface Wheels {
  readonly application: Made<ApplicationFacts>;
  readonly dependencies: Made<DependencyFacts> | undefined;
}

/** Walks the stages. `changed` tells whether anything was made. */
export class Work {
  changed = false;
  private context: StageContext;

  constructor(
    context: StageContext,
    /** Taken before anything is made: one run at a time works on a target. */
    private readonly lease: Pick<TargetLease, 'take' | 'explain'>,
  ) {
    this.context = context;
  }

  async upTo(stages: readonly StageName[], forced: ReadonlySet<StageName>): Promise<ReleaseSummary | undefined> {
    const base = await this.stage('base', () => this.base(forced.has('base')));
    if (!stages.includes('builder')) return undefined;
    await this.stage('builder', () => this.readLock(base));
    const builder = await this.stage('builder', () => this.builder(base, forced.has('builder')));
    if (!stages.includes('wheels')) return undefined;
    const wheels = await this.stage('wheels', () => this.wheels(base, builder, forced.has('wheels')));
    if (!stages.includes('release')) return undefined;
    const summary = await this.stage('release', () => this.release(base, builder, wheels, forced.has('release')));
    if (this.changed) await removePassed(this.context, new Set([base.fingerprint, builder.fingerprint]));
    return summary;
  }

  /** Writes the lock to be committed. What the wheel asks for is known once it is built. */
  async lock(upgrade: Upgrade): Promise<void> {
    refuseForeignLock(this.context.facts);
    const base = await this.stage('base', () => this.base(false));
    const builder = await this.stage('builder', () => this.builder(base, false));
    await this.stage('wheels', () =>
      this.make(
        'wheels',
        upgrade === undefined ? 'a lock was asked for' : upgrade === 'all' ? 'newer versions were asked for' : `${upgrade.join(', ')} is to be upgraded`,
        async () => {
          const { facts } = this.context;
          const own = lookAtApplication(facts, builder.fingerprint);
          const application = own.found ?? (await makeApplication(this.context, builder.reference, own.fingerprint));
          this.checkExtras(application.facts);
          const open = await openOf(facts, base.facts, application.facts);
          const sources = await sourcesOf(facts, open, application.facts, this.context.signal);
          const request = { builder: builder.reference, base, toolchain: toolchainOf(facts, base), wanted: wantedFrom(sources), upgrade };
          return makeLock(this.context, { ...request, digest: digestOf(facts, open), known: await this.knownVersions(base, sources) });
        },
        ({ file, count, changed }) => ({ summary: changed ? 'locked' : 'unchanged', detail: `${file} · ${count} ${count === 1 ? 'package' : 'packages'}` }),
      ),
    );
  }

  /** `name==version` of what the lock names, or of what was resolved for the last wheels. */
  private async knownVersions(base: Base, sources: DependencySources): Promise<readonly string[]> {
    const { facts } = this.context;
    const locked = await readVersions(facts, base.facts);
    if (locked) return locked;
    const looked = lookAtDependencies({ ...facts, dependencies: sources }, base);
    return looked === 'none' ? [] : (looked.found?.facts.packages ?? []);
  }

  /** Tells that the stage failed, where it did. */
  private async stage<T>(name: StageName, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      throwIfAborted(this.context.signal);
      return await work();
    } catch (cause) {
      const error = await this.explain(cause);
      const isOwnFailure = !(error instanceof CancelledError || error instanceof StaleFacts || (error instanceof UserError && error.kind === 'lease'));
      if (isOwnFailure && !this.context.signal.aborted) {
        this.context.emit({ type: 'stage.failed', stage: name, error: reportOf(error), ms: Math.round(performance.now() - started) });
      }
      throw error;
    }
  }

  private async explain(cause: unknown): Promise<unknown> {
    const { engine } = this.context;
    const error = explainFullDisk(await this.lease.explain(cause), engine.info.endpoint);
    const isOfStage = error instanceof UserError && error.kind === 'stage';
    return (isOfStage ? await engine.whyGone() : undefined) ?? error;
  }

  /** Something that runs `cat`; undefined before the first base image is pulled. */
  private leaseImage(): string | undefined {
    const { baseImage, inventory } = this.context.facts;
    return baseImage?.id ?? inventory.all('base')[0]?.id;
  }

  private skip(stage: StageName): void {
    this.context.emit({ type: 'stage.skipped', stage, reason: 'up to date' });
  }

  /** Says start and end around what makes something. */
  private async make<T>(stage: StageName, reason: string, work: () => Promise<T>, told: (made: T) => { summary: string; detail: string }): Promise<T> {
    const image = this.leaseImage();
    if (image !== undefined) await this.lease.take(image, stage);
    this.changed = true;
    const started = performance.now();
    this.context.emit({ type: 'stage.started', stage, reason });
    const made = await work();
    this.context.emit({ type: 'stage.finished', stage, ...told(made), ms: Math.round(performance.now() - started) });
    return made;
  }

  private async base(force: boolean): Promise<Base> {
    const { facts, pull } = this.context;
    const looked = lookAtBase(facts);
    if (looked?.found && !force && !pull) {
      this.skip('base');
      return this.knownBase(looked.fingerprint, looked.found);
    }
    if (!looked || pull) {
      const reason = looked ? 'the registry is asked' : `${facts.baseReference.reference} is not on the engine yet`;
      const pulled = await this.make(
        'base',
        reason,
        () => this.pulledBase(force),
        ({ base, kept }) => (kept ? { summary: 'kept', detail: 'the registry has nothing newer' } : built(base.image)),
      );
      return pulled.base;
    }
    return this.make(
      'base',
      looked.reason || 'asked for',
      () => this.madeBase(),
      ({ image }) => built(image),
    );
  }

  private async pulledBase(force: boolean): Promise<{ readonly base: Base; readonly kept: boolean }> {
    const { facts } = this.context;
    this.context = { ...this.context, facts: { ...facts, baseImage: await pullBase(this.context) } };
    const image = this.leaseImage();
    if (image !== undefined) await this.lease.take(image, 'base');
    const looked = lookAtBase(this.context.facts);
    if (!looked?.found || force) return { base: await this.madeBase(), kept: false };
    return { base: await this.knownBase(looked.fingerprint, looked.found), kept: true };
  }

  private async knownBase(fingerprint: string, found: { readonly image: ImageSummary; readonly facts: BaseImageFacts }): Promise<Base> {
    await checkFitness(this.context, found.facts);
    return { ...found, fingerprint, reference: await referenceOf(this.context, found.image, this.baseReference(fingerprint)) };
  }

  private async madeBase(): Promise<Base> {
    const made = await makeBase(this.context);
    return { ...made, reference: this.baseReference(made.fingerprint) };
  }

  private baseReference(fingerprint: string): string {
    const { facts } = this.context;
    return `${imageName(facts.namespace, facts.target, 'base')}:${fingerprintTag(fingerprint)}`;
  }

  private async builder(base: Base, force: boolean): Promise<{ readonly reference: string; readonly fingerprint: string }> {
    const { facts } = this.context;
    const looked = lookAtBuilder(facts, base);
    const reference = `${imageName(facts.namespace, facts.target, 'builder')}:${fingerprintTag(looked.fingerprint)}`;
    if (looked.found && !force) {
      this.skip('builder');
      return { reference: await referenceOf(this.context, looked.found.image, reference), fingerprint: looked.fingerprint };
    }
    await this.make('builder', looked.reason || 'asked for', () => makeBuilder(this.context, base, looked.fingerprint), built);
    return { reference, fingerprint: looked.fingerprint };
  }

  private async wheels(base: Base, builder: { readonly reference: string; readonly fingerprint: string }, force: boolean): Promise<Wheels> {
    const looked = lookAtApplication(this.context.facts, builder.fingerprint);
    if (looked.found) await this.readDependencies(base, looked.found.facts);
    const { facts } = this.context;
    const known = looked.found && lookAtDependencies(facts, base);
    const kept = known !== undefined && known !== 'none' ? known.found : undefined;
    const complete = looked.found && known !== undefined && (known === 'none' || known.found !== undefined);
    const stale = isExportStale(facts, looked.fingerprint, known === undefined || known === 'none' ? NO_DEPENDENCIES : known.fingerprint);
    if (looked.found && complete && !stale && !force) {
      this.checkExtras(looked.found.facts);
      this.skip('wheels');
      return {
        application: { ...looked.found, fingerprint: looked.fingerprint },
        dependencies: kept && known !== undefined && known !== 'none' ? { ...kept, fingerprint: known.fingerprint } : undefined,
      };
    }
    const reason =
      looked.reason || (known !== undefined && known !== 'none' ? known.reason : '') || (force ? 'asked for' : 'the export in target/ is not this wheelhouse');
    let builtCount = 0;
    return this.make(
      'wheels',
      reason,
      async () => {
        const note = frontEndNote(facts);
        if (note !== undefined && !looked.found) this.context.emit({ type: 'log', stage: 'wheels', stream: 'note', text: note });
        const application: Made<ApplicationFacts> =
          looked.found && !force
            ? { ...looked.found, fingerprint: looked.fingerprint }
            : await makeApplication(this.context, builder.reference, looked.fingerprint);
        if (!looked.found || force) builtCount += 1;
        this.checkExtras(application.facts);
        await this.readDependencies(base, application.facts);
        const dependencies = await this.dependencies(base, builder.reference, (count) => (builtCount += count));
        await exportIfStale(this.context, { application, dependencies, base: base.facts });
        await this.rememberSources();
        return { application, dependencies };
      },
      ({ application, dependencies }) => {
        const total = 1 + (dependencies?.facts.packages.length ?? 0);
        const summary = builtCount === 0 ? 'exported' : [`${builtCount} built`, ...(total > builtCount ? [`${total - builtCount} kept`] : [])].join(', ');
        return { summary, detail: builtCount === 0 ? application.facts.file : reason };
      },
    );
  }

  /** A lock that does not serve ends a run before anything is built. */
  private async readLock(base: Base): Promise<void> {
    const { facts, signal } = this.context;
    this.context = { ...this.context, facts: await withLock(facts, base.facts, signal) };
  }

  private async readDependencies(base: Base, application: ApplicationFacts): Promise<void> {
    const { facts, signal } = this.context;
    this.context = { ...this.context, facts: await withOpen(facts, base.facts, application, signal) };
  }

  private async dependencies(base: Base, builder: string, onBuilt: (count: number) => void): Promise<Made<DependencyFacts> | undefined> {
    const looked = lookAtDependencies(this.context.facts, base);
    if (looked === 'none') return undefined;
    if (looked.found) return { ...looked.found, fingerprint: looked.fingerprint };
    const { wanted, toolchain, fingerprint } = looked;
    const made = await makeDependencies(this.context, { builder, base: base.fingerprint, toolchain, wanted, fingerprint });
    onBuilt(made.facts.packages.length);
    return made;
  }

  private async release(base: Base, builder: { readonly reference: string }, { application, dependencies }: Wheels, force: boolean): Promise<ReleaseSummary> {
    const { facts } = this.context;
    const layer = lookAtLayer(facts, { base, application: application.facts, dependencies: dependencies?.facts });
    const seen = lookAtRelease(facts, { below: layer?.fingerprint ?? base.fingerprint, application: application.facts, dependencies: dependencies?.facts });
    const looked: ReleaseLook = force ? { ...seen, lacks: 'content' } : seen;
    if (looked.found && !looked.reason && !force) {
      this.skip('release');
      return summaryOf(looked, application.facts, looked.found.image);
    }
    const image = await this.make(
      'release',
      looked.reason || 'asked for',
      async () => {
        const below = layer ? await this.layer(base, builder, { application, dependencies }, layer) : base.reference;
        const reference = await referenceOf(this.context, application.image, this.wheelsReference(application.fingerprint));
        return makeRelease(
          this.context,
          {
            below,
            builder: builder.reference,
            application: { reference, facts: application.facts, fingerprint: application.fingerprint },
            dependencies: dependencies && { facts: dependencies.facts, fingerprint: dependencies.fingerprint },
            layer: layer?.fingerprint,
          },
          looked,
        );
      },
      (made) => ({ summary: MADE[looked.lacks], detail: `${looked.image}:${looked.tags[0] ?? ''} · ${formatSize(made.size)} · not tested` }),
    );
    return summaryOf(looked, application.facts, image);
  }

  private async layer(base: Base, builder: { readonly reference: string }, { application, dependencies }: Wheels, looked: Look<undefined>): Promise<string> {
    const { facts } = this.context;
    const wanted = `${imageName(facts.namespace, facts.target, 'deps')}:layer-${fingerprintTag(looked.fingerprint)}`;
    if (looked.found) return referenceOf(this.context, looked.found.image, wanted);
    const reference =
      dependencies &&
      (await referenceOf(this.context, dependencies.image, `${imageName(facts.namespace, facts.target, 'deps')}:${fingerprintTag(dependencies.fingerprint)}`));
    const systemPackages = systemPackagesOf(facts, application.facts, dependencies?.facts);
    await makeLayer(this.context, { base, builder: builder.reference, dependencies: reference, systemPackages }, looked.fingerprint);
    return wanted;
  }

  private wheelsReference(fingerprint: string): string {
    const { facts } = this.context;
    return `${imageName(facts.namespace, facts.target, 'wheels')}:${fingerprintTag(fingerprint)}`;
  }

  /** For metadata that is dynamic only the wheel knows its extras. */
  private checkExtras(application: ApplicationFacts): void {
    const { project, extras } = this.context.facts;
    checkKnownExtras(application.name, application.providesExtra, extras, project.extrasPlace);
  }

  private async rememberSources(): Promise<void> {
    const { facts, cacheDir } = this.context;
    const file = cacheFiles(cacheDir, facts).built;
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(facts.sources.files.map((source) => [source.path, source.sha256]))));
      await rename(`${file}.new`, file);
    } catch {
      // only for saying what changed: without it the reason is less exact
    }
  }
}

/** What happened to a release, by what it lacked. */
const MADE = { nothing: 'up to date', content: 'built', labels: 'labelled', tags: 'tagged' } as const;

function built(image: ImageSummary): { summary: string; detail: string } {
  return { summary: 'built', detail: `${image.tags[0] ?? image.id} · ${formatSize(image.size)}` };
}
