/** Puts the core together. Nothing happens before the first call, and the engine is connected by the first that needs it. */
import type { Core } from './core.js';
import { CONFIG_FILE } from './config/read-config.js';
import { rememberSystemPackages } from './config/remember.js';
import { connectEngine } from './engine/connect.js';
import { EngineCache } from './engine/engine-cache.js';
import { listEngines } from './engine/listing.js';
import { answerOf, doctor } from './doctor.js';
import { followContainer, followReleases } from './environments/follow.js';
import { followLogs, runInRelease, startRelease, stopRelease } from './environments/service.js';
import { compareImages } from './objects/compare-images.js';
import { imageContents, imagePackages } from './objects/image-contents.js';
import { pushChosen, tagChosen } from './objects/name-images.js';
import { previewRemoval, removeImages } from './objects/remove-images.js';
import { execInContainer, openShell, runImage } from './environments/shell.js';
import { actOnContainer } from './objects/container-actions.js';
import { inspectObject } from './objects/inspect-object.js';
import { lookAtContainers } from './objects/look-at-containers.js';
import { watchObjects } from './objects/watch-objects.js';
import { findProjects } from './project/find-projects.js';
import { meantProject } from './project/meant-project.js';
import { RevisionMemory } from './project/revision-memory.js';
import { cacheFolder } from './paths.js';
import { clean, previewClean, sweepForClean } from './pipeline/clean.js';
import { Inventory } from './pipeline/inventory.js';
import { refuseWhileHeld } from './pipeline/lease.js';
import { withDependencies } from './pipeline/dependency-sources.js';
import { deleteExportedWheels, exportedWheels } from './pipeline/exported-wheels.js';
import { cacheFiles, readFacts, readLocalFacts } from './pipeline/facts.js';
import { readLastRun } from './pipeline/last-run.js';
import { readRemedy } from './pipeline/remedy.js';
import { recipeText } from './pipeline/recipes.js';
import { run } from './pipeline/run.js';
import { statusOf } from './pipeline/status.js';
import { Redactor } from './redactor.js';
import type { Request } from './request.js';
import { readWheelContents } from './wheels/wheel-contents.js';
import { verifyWheel } from './wheels/verify-wheel.js';
import { withoutSecrets } from './without-secrets.js';

export function createCore(): Core {
  const redactor = new Redactor();
  return withoutSecrets(assemble(redactor), redactor);
}

function assemble(redactor: Redactor): Core {
  const engines = new EngineCache(redactor);
  const memory = new RevisionMemory();
  const cacheDir = (request: Request): string => cacheFolder(request.env);
  return {
    async describe(folder) {
      const { project } = await meantProject(folder);
      return {
        root: project.root,
        name: project.name,
        ...(project.version !== undefined && { version: project.version }),
        target: project.normalizedName,
        python: project.python.version,
        django: project.django !== undefined,
        kind: project.kind,
        lockFiles: project.lockFiles,
      };
    },
    projects: (folder) => findProjects(folder),
    async owner(request) {
      const { projectId, target, namespace } = await readLocalFacts(request, memory);
      return { projectId, target, namespace };
    },
    run: (request, onEvent, signal) =>
      run(request, { connect: () => engines.connect(request, signal), cacheDir: cacheDir(request), memory, redactor, onEvent, signal }),
    async status(request, signal) {
      const engine = engines.connect(request, signal);
      engine.catch(() => undefined);
      const inventory = Inventory.when(engine, signal);
      const local = await readLocalFacts(request, memory);
      const facts = await readFacts({ local, memory, engine, inventory, cacheDir: cacheDir(request), signal });
      return statusOf(await engine, await withDependencies(facts, signal), signal);
    },
    // What everything goes through that leaves the core takes it out.
    redact: async ({ text }) => text,
    lastRun: (request) => readLastRun(request),
    doctor: (request, signal) =>
      doctor(
        request,
        () => engines.connect(request, signal),
        () => listEngines(request, signal),
        signal,
      ),
    engines: (choice, signal) => listEngines(choice, signal),
    async askEngine(choice, signal) {
      const engine = await connectEngine(choice, signal);
      engine.close();
      return answerOf(engine.info);
    },
    async dockerfile(request, image, signal) {
      const local = await readLocalFacts(request, memory);
      return recipeText(image, local, async () => {
        const engine = engines.connect(request, signal);
        const facts = await readFacts({ local, memory, engine, inventory: Inventory.when(engine, signal), cacheDir: cacheDir(request), signal });
        return withDependencies(facts, signal);
      });
    },
    async start(request, onLine, signal) {
      const local = await readLocalFacts(request, memory);
      return startRelease(await engines.connect(request, signal), local, { port: request.port, onLine, signal });
    },
    async stop(request, signal) {
      const local = await readLocalFacts(request, memory);
      return stopRelease(await engines.connect(request, signal), local, signal);
    },
    async fix(request) {
      const local = await readLocalFacts(request, memory);
      const remedy = await readRemedy(cacheFiles(cacheDir(request), local).remedy);
      if (!remedy) return { file: undefined, packages: [], added: [] };
      const { packages, use } = remedy;
      if (request.dryRun === true) {
        const known = local.config.systemPackages[use];
        return { file: CONFIG_FILE, packages, added: packages.filter((name) => !known.includes(name)) };
      }
      const { file, added } = await rememberSystemPackages(local.project.root, local.target, use, packages, request.config);
      return { file, packages, added };
    },
    async logs(request, onLine, signal) {
      const local = await readLocalFacts(request, memory);
      await followLogs(await engines.connect(request, signal), local, { follow: request.follow, tail: request.tail, onLine, signal });
    },
    async followLogs(request, onLine, onNote, signal) {
      const local = await readLocalFacts(request, memory);
      await followReleases(() => engines.connect(request, signal), local, { tail: request.tail, onLine, onNote, signal });
    },
    async shell(request, terminal, signal) {
      const local = await readLocalFacts(request, memory);
      return openShell(await engines.connect(request, signal), local, terminal, signal);
    },
    async runCommand(request, terminal, signal) {
      const local = await readLocalFacts(request, memory);
      return runInRelease(await engines.connect(request, signal), local, { ...terminal, command: request.command, signal });
    },
    async previewClean(request, signal) {
      const local = await readLocalFacts(request, memory);
      const engine = await engines.connect(request, signal);
      const swept = await sweepForClean(engine, local, signal);
      return { swept, items: await previewClean(engine, local, signal) };
    },
    async clean(request, items, signal) {
      const local = await readLocalFacts(request, memory);
      const engine = await engines.connect(request, signal);
      await refuseWhileHeld(engine, local, signal);
      return clean(engine, local, items, signal);
    },
    watchObjects: ({ all = false, ...choice }, onChange, signal) => watchObjects({ connect: () => engines.connect(choice, signal), all, onChange, signal }),
    wheels: (request) => exportedWheels(request, memory),
    readWheel: ({ file, hash }, signal) => readWheelContents(file, { hash, signal }),
    verifyWheel: ({ folder, file }, signal) => verifyWheel(folder, file, signal),
    deleteWheels: (request) => deleteExportedWheels(request),
    imageContents: async ({ image, ...choice }, signal) => imageContents(await engines.connect(choice, signal), image, signal),
    imagePackages: async ({ image, ...choice }, signal) => imagePackages(await engines.connect(choice, signal), { image }, signal),
    compareImages: async ({ before, after, ...choice }, signal) => compareImages(await engines.connect(choice, signal), before, after, signal),
    previewRemoval: async ({ images, ...choice }, signal) => previewRemoval(await engines.connect(choice, signal), images, signal),
    removeImages: async ({ images, force = false, ...choice }, signal) => removeImages(await engines.connect(choice, signal), images, force, signal),
    tagImage: async (request, signal) => tagChosen(await engines.connect(request, signal), request),
    pushImage: async (request, onProgress, signal) => pushChosen(await engines.connect(request, signal), request, onProgress, signal),
    lookAtContainers: async (request, signal) => lookAtContainers(await engines.connect(request, signal), request, signal),
    containerAction: async (request, signal) => actOnContainer(await engines.connect(request, signal), request, signal),
    followContainer: ({ container, tail, ...choice }, onLine, onNote, signal) =>
      followContainer(() => engines.connect(choice, signal), container, { tail, onLine, onNote, signal }),
    execInContainer: async (request, terminal, signal) => execInContainer(await engines.connect(request, signal), request, terminal, signal),
    runImage: async (request, terminal, signal) => runImage(await engines.connect(request, signal), request, terminal, signal),
    inspectObject: async (request, signal) => inspectObject(await engines.connect(request, signal), request, signal),
    close: () => engines.close(),
  };
}
