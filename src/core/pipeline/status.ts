/** What is there and what is stale, as a document. Asks the engine once and makes nothing. */
import type { Engine, ImageSummary } from '../engine/engine.js';
import { findServices, urlOf } from '../environments/service.js';
import type { StageStatus, StatusDocument } from '../request.js';
import type { StageName } from './events.js';
import type { Facts } from './facts.js';
import { runAtWork } from './lease.js';
import { lookAtApplication, lookAtBase, lookAtBuilder, lookAtDependencies, lookAtLayer, lookAtRelease, pythonOf } from './plan.js';
import { NO_DEPENDENCIES, isExportStale } from './stages/export.js';

export async function statusOf(engine: Engine, facts: Facts, signal: AbortSignal): Promise<StatusDocument> {
  const { project, baseReference } = facts;
  const [services, running] = await Promise.all([findServices(engine, facts, signal), runAtWork(engine, facts, signal)]);
  const { stages, release } = stagesOf(facts);
  const { product, version, endpoint } = engine.info;
  return {
    v: 1,
    project: { name: project.name, root: project.root, id: facts.projectId, ...(project.version !== undefined && { version: project.version }) },
    target: facts.target,
    python: pythonOf(facts),
    baseImage: baseReference,
    engine: { product, version, url: endpoint.url, source: endpoint.source },
    stages,
    ...(release && { release }),
    ...(running && { running }),
    services: services.map((container) => {
      const url = urlOf(container, engine);
      return {
        id: container.id,
        name: container.name,
        state: container.state,
        health: container.health,
        image: container.image,
        ...(url !== undefined && { url }),
      };
    }),
  };
}

/** Pure. A stage behind a stale one is stale too, or unknown where its identity depends on what that one makes. */
export function stagesOf(facts: Facts): { readonly stages: readonly StageStatus[]; readonly release: StatusDocument['release'] } {
  const base = lookAtBase(facts);
  const builder = base?.found && lookAtBuilder(facts, { fingerprint: base.fingerprint, facts: base.found.facts });
  const application = builder && lookAtApplication(facts, builder.fingerprint);
  const dependencies = base?.found && application?.found && lookAtDependencies(facts, { fingerprint: base.fingerprint, facts: base.found.facts });
  const resolved = dependencies !== undefined && dependencies !== 'none' ? dependencies : undefined;
  const isComplete = dependencies === 'none' || resolved?.found !== undefined;
  const layer =
    base?.found && isComplete
      ? lookAtLayer(facts, {
          base: { fingerprint: base.fingerprint, facts: base.found.facts },
          application: application?.found?.facts,
          dependencies: resolved?.found?.facts,
        })
      : undefined;
  const release =
    base && application?.found && isComplete
      ? lookAtRelease(facts, { below: layer?.fingerprint ?? base.fingerprint, application: application.found.facts, dependencies: resolved?.found?.facts })
      : undefined;
  const isExported =
    application !== undefined && !isExportStale(facts, application.fingerprint, dependencies === 'none' || !resolved ? NO_DEPENDENCIES : resolved.fingerprint);
  const wheelsReason = application?.reason || resolved?.reason || (isComplete && !isExported ? 'the export in target/ is not this wheelhouse' : '');
  const released = release?.found?.image;
  return {
    stages: [
      stage('base', base?.found?.image, base ? base.reason : `${facts.baseReference.reference} is not on the engine yet`),
      builder ? stage('builder', builder.found?.image, builder.reason) : behind('builder', 'base'),
      builder?.found && application
        ? stage('wheels', isComplete ? application.found?.image : undefined, wheelsReason, application.found?.facts.file || undefined)
        : behind('wheels', 'builder'),
      release ? stage('release', released, release.reason, released && `${release.image}:${release.tags[0] ?? ''}`) : behind('release', 'wheels'),
    ],
    release: release && released && { image: release.image, tags: released.tags.map(tagOf), size: released.size, created: released.created },
  };
}

function stage(name: StageName, image: ImageSummary | undefined, reason: string, artifact?: string): StageStatus {
  const state = reason === '' ? 'up to date' : reason === 'not built yet' ? 'never run' : 'stale';
  return {
    stage: name,
    state,
    reason,
    ...(image && { artifact: { id: image.id, name: artifact ?? image.tags[0] ?? image.id, size: image.size, created: image.created } }),
  };
}

function behind(name: StageName, before: StageName): StageStatus {
  return { stage: name, state: 'stale', reason: `${before} is stale` };
}

function tagOf(reference: string): string {
  return reference.slice(reference.lastIndexOf(':') + 1);
}
