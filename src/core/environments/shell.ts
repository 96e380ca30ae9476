/** A shell or a command: in a release, in a container that runs, in a container of its own of an image. */
import type { Engine, ImageDetails, TerminalStreams } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import { UserError } from '../errors.js';
import { PORT } from '../images/release.js';
import { runningContainer } from '../objects/own-container.js';
import { chosenImage } from '../objects/own-image.js';
import type { LocalFacts } from '../pipeline/facts.js';
import { findRelease, findServices, runInImage, runInRelease } from './service.js';

/** The better one of the two that Debian has. */
const SHELL = ['sh', '-c', 'if command -v bash > /dev/null; then exec bash; else exec sh; fi'] as const;
const COLOURS = { TERM: 'xterm-256color', COLORTERM: 'truecolor' } as const;

export async function openShell(engine: Engine, facts: LocalFacts, terminal: TerminalStreams, signal: AbortSignal): Promise<number> {
  const started = (await findServices(engine, facts, signal)).find((container) => container.state === 'running');
  if (started) {
    tell(terminal, 'In the release that is running: /data stays, what else is changed goes with its container.');
    return engine.execInteractive(started.id, { command: SHELL, env: COLOURS, ...terminal, signal });
  }
  const { tags, id } = await findRelease(engine, facts, signal);
  tell(terminal, `Nothing is running: in a container of its own of ${tags[0] ?? id}, which goes with this shell.`);
  return runInRelease(engine, facts, { command: SHELL, env: COLOURS, ...terminal, signal });
}

export interface ExecInContainer {
  /** Id or name of one of ours. */
  readonly container: string;
  /** For `sh -c`. Default: a shell to type into. */
  readonly command?: string;
}

export async function execInContainer(
  engine: Engine,
  { container, command }: ExecInContainer,
  terminal: TerminalStreams,
  signal: AbortSignal,
): Promise<number> {
  const { id, name, image, labels } = await runningContainer(engine, container, signal);
  const stays = labels[LABEL.kind] === 'service' ? '/data stays, what else is changed' : 'what is changed';
  if (command === undefined) tell(terminal, `In ${name} (${image}): ${stays} goes with the container.`);
  return engine.execInteractive(id, { command: command === undefined ? SHELL : ['sh', '-c', command], env: COLOURS, ...terminal, signal });
}

export interface RunImage {
  /** Id or name. */
  readonly image: string;
  /** `own`: what the image itself says, on this terminal. */
  readonly what: 'shell' | 'own' | { /** For `sh -c`. */ readonly command: string };
  /** Also one that is not ours. Default: false. */
  readonly foreign?: boolean;
}

/** In a container of its own, which goes with its end. */
export async function runImage(
  engine: Engine,
  { image: id, what, foreign = false }: RunImage,
  terminal: TerminalStreams,
  signal: AbortSignal,
): Promise<number> {
  const image = await chosenImage(engine, { image: id, foreign }, signal);
  const { [LABEL.kind]: kind, [LABEL.project]: project, [LABEL.target]: target } = image.labels;
  const name = image.tags[0] ?? image.id;
  if (kind === 'wheels' || kind === 'deps') {
    throw new UserError({
      kind: 'project',
      code: 'image-without-system',
      message: `${name} holds wheels and no operating system: nothing can run in it`,
      fix: 'Take the release, which has them installed',
    });
  }
  if (what === 'shell') tell(terminal, `In a container of its own of ${name}, which goes with this shell.`);
  const command = what === 'own' ? [] : what === 'shell' ? SHELL : ['sh', '-c', what.command];
  const request = { env: COLOURS, ...terminal, signal };
  if (kind === 'release' && project !== undefined && target !== undefined)
    return runServing(engine, { projectId: project, target }, image, { ...request, command }, what === 'own');
  return engine.runInteractive({
    ...request,
    image: image.id,
    labels: { [LABEL.kind]: 'job', ...(project !== undefined && { [LABEL.project]: project }), ...(target !== undefined && { [LABEL.target]: target }) },
    ...(command.length > 0 && { entrypoint: [], command }),
  });
}

/** The image's own command is to be reached: on a free port, beside a release that is started. */
function runServing(
  engine: Engine,
  owner: Parameters<typeof runInImage>[1],
  image: ImageDetails,
  request: Parameters<typeof runInImage>[3],
  isOwn: boolean,
): Promise<number> {
  if (!isOwn || !image.ports.includes(`${PORT}/tcp`)) return runInImage(engine, owner, image, request);
  tell(request, `Port ${PORT} of it is published on a free port of the engine's machine.`);
  return runInImage(engine, owner, image, { ...request, ports: [{ container: PORT, host: 0 }] });
}

function tell({ stdout, tty }: TerminalStreams, text: string): void {
  stdout.write(tty ? `\u001b[2m${text}\u001b[22m\r\n` : `${text}\n`);
}
