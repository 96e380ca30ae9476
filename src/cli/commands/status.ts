/** `status`: what is up to date, what is stale and why, what runs. */
import { harmless } from '../../core/harmless.js';
import { formatAgo, formatSize } from '../../core/format.js';
import type { ServiceStatus, StageStatus, StatusDocument } from '../../core/request.js';
import { type Context, printDocument, printLines } from '../context.js';
import type { Style } from '../../terminal/style.js';
import { pad } from '../../terminal/width.js';
import { stageLine } from '../../terminal/wording.js';

export async function showStatus({ io, core, flags, request, style, signal }: Context): Promise<number> {
  const status = await core.status(request, signal);
  if (flags.json) printDocument(io, status);
  else printLines(io, statusLines(status, style.out, io.now()));
  return 0;
}

export function statusHeadline({ project, python, target, engine }: StatusDocument, style: Style): string {
  const name = style.bold(harmless(project.version === undefined ? project.name : `${project.name} ${project.version}`));
  const other = target === project.name ? [] : [`target ${target}`];
  return [name, ...other, `Python ${python.version}`, `engine ${engine.product} ${engine.version} (${engine.source})`].join(' · ');
}

export function statusLines(status: StatusDocument, style: Style, now: number): readonly string[] {
  const { python, baseImage, engine, stages, release, services, running } = status;
  return [
    statusHeadline(status, style),
    '',
    ...stages.map((stage) => stageStatusLine(stage, style, now)),
    '',
    ...facts([
      ['release', release === undefined ? 'none yet' : `${releaseName(release)} · ${formatSize(release.size)} · ${formatAgo(release.created, now)}`],
      ['tags', release === undefined ? undefined : release.tags.join(', ')],
      ...workFacts(running, now),
      ...runningFacts(services),
      ['python', `${python.version} (${python.reason})`],
      ['base', `${baseImage.reference} (${baseImage.source})`],
      ['engine', `${engine.product} ${engine.version}, ${engine.url} (${engine.source})`],
    ]),
  ];
}

/** With a tag: what can be given to `docker run`. */
export function releaseName({ image, tags }: NonNullable<StatusDocument['release']>): string {
  const [tag] = tags;
  return tag === undefined || image.lastIndexOf(':') > image.lastIndexOf('/') ? image : `${image}:${tag}`;
}

function stageStatusLine({ stage, state, reason, artifact }: StageStatus, style: Style, now: number): string {
  const made = artifact === undefined ? '' : `${artifact.name} · ${formatSize(artifact.size)} · ${formatAgo(artifact.created, now)}`;
  switch (state) {
    case 'up to date':
      return stageLine({ stage, summary: state, paint: style.green, detail: made });
    case 'stale':
      return stageLine({ stage, summary: state, paint: style.yellow, detail: reason });
    case 'never run':
    case 'unknown':
      return stageLine({ stage, summary: state, paint: style.dim, detail: reason });
  }
}

function workFacts(running: StatusDocument['running'], now: number): readonly (readonly [string, string])[] {
  return running === undefined ? [] : [['at work', `run ${running.run} on ${running.where}, started ${formatAgo(running.startedAt, now)}`]];
}

function runningFacts(services: readonly ServiceStatus[]): readonly (readonly [string, string])[] {
  if (services.length === 0) return [['running', 'nothing']];
  return services.map(({ name, state, health, url }, index) => {
    const parts = [name, health === 'none' || health === '' ? state : `${state}, ${health}`, url].filter((part) => part !== undefined);
    return [index === 0 ? 'running' : '', parts.join(' · ')];
  });
}

/** Aligned pairs; those without a text are left out. */
export function facts(rows: readonly (readonly [string, string | undefined])[]): readonly string[] {
  const columns = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.flatMap(([name, text]) => (text === undefined || text === '' ? [] : [`  ${pad(name, columns)}${harmless(text)}`]));
}
