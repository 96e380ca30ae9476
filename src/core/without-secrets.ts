/** A core whose every answer, error and line has gone through the redactor; events have done so where they are made (pipeline/hub.ts). */
import type { Core, OnLine } from './core.js';
import { CancelledError, UserError, detailOf } from './errors.js';
import { learnSecrets } from './network.js';
import type { Redactor } from './redactor.js';
import type { Request } from './request.js';

export function withoutSecrets(core: Core, redactor: Redactor): Core {
  const told = async <T>(request: Pick<Request, 'env'> | undefined, work: () => Promise<T>): Promise<T> => {
    if (request) learnSecrets(request.env, redactor);
    try {
      return redactor.redactAll(await work());
    } catch (error) {
      throw redacted(error, redactor);
    }
  };
  const lines =
    (onLine: OnLine): OnLine =>
    (stream, line) =>
      onLine(stream, redactor.redact(line));
  return {
    describe: (folder) => told(undefined, () => core.describe(folder)),
    projects: (folder) => told(undefined, () => core.projects(folder)),
    owner: (request) => told(request, () => core.owner(request)),
    run: (request, onEvent, signal) => told(request, () => core.run(request, onEvent, signal)),
    status: (request, signal) => told(request, () => core.status(request, signal)),
    lastRun: (request) => told(request, () => core.lastRun(request)),
    doctor: (request, signal) => told(request, () => core.doctor(request, signal)),
    engines: (choice, signal) => told(choice, () => core.engines(choice, signal)),
    askEngine: (choice, signal) => told(choice, () => core.askEngine(choice, signal)),
    dockerfile: (request, image, signal) => told(request, () => core.dockerfile(request, image, signal)),
    start: (request, onLine, signal) => told(request, () => core.start(request, lines(onLine), signal)),
    stop: (request, signal) => told(request, () => core.stop(request, signal)),
    fix: (request, signal) => told(request, () => core.fix(request, signal)),
    logs: (request, onLine, signal) => told(request, () => core.logs(request, lines(onLine), signal)),
    followLogs: (request, onLine, onNote, signal) => told(request, () => core.followLogs(request, lines(onLine), onNote, signal)),
    // The person's own command on their own terminal: what it prints is theirs.
    runCommand: (request, terminal, signal) => told(request, () => core.runCommand(request, terminal, signal)),
    shell: (request, terminal, signal) => told(request, () => core.shell(request, terminal, signal)),
    previewClean: (request, signal) => told(request, () => core.previewClean(request, signal)),
    clean: (request, items, signal) => told(request, () => core.clean(request, items, signal)),
    redact: (request) => told(request, () => core.redact(request)),
    watchObjects: (request, onChange, signal) => told(request, () => core.watchObjects(request, (change) => onChange(redactor.redactAll(change)), signal)),
    wheels: (request) => told(request, () => core.wheels(request)),
    readWheel: (request, signal) => told(undefined, () => core.readWheel(request, signal)),
    verifyWheel: (request, signal) => told(undefined, () => core.verifyWheel(request, signal)),
    deleteWheels: (request) => told(request, () => core.deleteWheels(request)),
    imageContents: (request, signal) => told(request, () => core.imageContents(request, signal)),
    imagePackages: (request, signal) => told(request, () => core.imagePackages(request, signal)),
    compareImages: (request, signal) => told(request, () => core.compareImages(request, signal)),
    previewRemoval: (request, signal) => told(request, () => core.previewRemoval(request, signal)),
    removeImages: (request, signal) => told(request, () => core.removeImages(request, signal)),
    tagImage: (request, signal) => told(request, () => core.tagImage(request, signal)),
    pushImage: (request, onProgress, signal) => told(request, () => core.pushImage(request, (text) => onProgress(redactor.redact(text)), signal)),
    lookAtContainers: (request, signal) => told(request, () => core.lookAtContainers(request, signal)),
    containerAction: (request, signal) => told(request, () => core.containerAction(request, signal)),
    followContainer: (request, onLine, onNote, signal) => told(request, () => core.followContainer(request, lines(onLine), onNote, signal)),
    execInContainer: (request, terminal, signal) => told(request, () => core.execInContainer(request, terminal, signal)),
    runImage: (request, terminal, signal) => told(request, () => core.runImage(request, terminal, signal)),
    inspectObject: (request, signal) => told(request, () => core.inspectObject(request, signal)),
    close: () => core.close(),
  };
}

/** The same error in other words; what it was caused by remains as text. */
function redacted(error: unknown, redactor: Redactor): unknown {
  if (!(error instanceof Error) || error instanceof CancelledError) return error;
  const detail = redactor.redact(detailOf(error));
  if (!(error instanceof UserError)) return Object.assign(new Error(redactor.redact(error.message)), { stack: detail });
  const { kind, code, message, where, related, why, fix, remedy } = error;
  const about = {
    kind,
    code,
    message,
    ...(where && { where }),
    related,
    ...(why !== undefined && { why }),
    ...(fix !== undefined && { fix }),
    ...(remedy && { remedy }),
  };
  return Object.assign(new UserError(redactor.redactAll(about)), { stack: detail });
}
