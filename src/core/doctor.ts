/** What the product needs and whether it is there. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Engine, EngineInfo } from './engine/engine.js';
import type { EngineListing } from './engine/listing.js';
import { messageOf, reportOf } from './errors.js';
import { networkChecks } from './network/describe.js';
import { readNetwork } from './network.js';
import { exportFolder, readLocalFacts } from './pipeline/facts.js';
import type { LocalFacts } from './pipeline/facts.js';
import { RevisionMemory } from './project/revision-memory.js';
import type { Check, DoctorDocument, EngineAnswer, Request } from './request.js';
import { VERSION } from './version.js';

export async function doctor(
  request: Request,
  connect: () => Promise<Engine>,
  list: () => Promise<EngineListing>,
  signal: AbortSignal,
): Promise<DoctorDocument> {
  const [engine, { engines: tried, why }, git, project] = await Promise.all([
    connect().catch((error: unknown) => reportOf(error)),
    list(),
    checkGit(),
    checkProject(request),
  ]);
  const network = await checkNetwork(request, project.local);
  if (!('info' in engine)) {
    const check: Check = { name: 'engine', state: 'missing', text: engine.message, ...(engine.fix !== undefined && { fix: engine.fix }) };
    return { v: 1, version: VERSION, tried, why, checks: [check, git, ...project.checks, ...network] };
  }
  const { product, version, url, source } = answerOf(engine.info);
  return {
    v: 1,
    version: VERSION,
    engine: answerOf(engine.info),
    tried,
    why,
    checks: [
      { name: 'engine', state: 'ok', text: `${product} ${version} at ${url} (${source})` },
      checkBuilds(engine.info),
      git,
      ...project.checks,
      ...(project.base === undefined ? [] : [await checkBaseImage(engine, project.base, signal)]),
      ...network,
    ],
  };
}

export function answerOf({ product, version, apiVersion, platform, buildkit, canBuild, endpoint }: EngineInfo): EngineAnswer {
  return { product, version, apiVersion, platform, buildkit, canBuild, url: endpoint.url, source: endpoint.source };
}

function checkBuilds(info: EngineInfo): Check {
  const name = 'BuildKit';
  if (info.buildkit) return { name, state: 'ok', text: 'builds with secrets and mounts work' };
  const text = `${info.product} ${info.version} offers no BuildKit session`;
  if (info.canBuild) return { name, state: 'ok', text: `${text}: steps that need secrets run in containers` };
  return { name, state: 'missing', text: `${text}, and cannot build without`, fix: 'Docker 20.10 or later and Podman 4.0 or later can' };
}

async function checkBaseImage(engine: Engine, base: { readonly reference: string; readonly source: string }, signal: AbortSignal): Promise<Check> {
  const name = 'base image';
  try {
    const there = await engine.inspectImage(base.reference, signal);
    return there
      ? { name, state: 'ok', text: `${base.reference} (${base.source}) is on the engine` }
      : { name, state: 'warning', text: `${base.reference} (${base.source}) is not on the engine yet: the first run pulls it` };
  } catch (error) {
    return { name, state: 'warning', text: messageOf(error) };
  }
}

async function checkGit(): Promise<Check> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version']);
    return { name: 'git', state: 'ok', text: stdout.trim() };
  } catch {
    return {
      name: 'git',
      state: 'warning',
      text: 'git is not installed: releases are tagged by their content',
      fix: 'Install git to have releases tagged by commit',
    };
  }
}

async function checkProject(
  request: Request,
): Promise<{ readonly checks: readonly Check[]; readonly base?: LocalFacts['baseReference']; readonly local?: LocalFacts }> {
  const name = 'project';
  try {
    const local = await readLocalFacts(request, new RevisionMemory());
    const { project, baseReference } = local;
    const version = project.version === undefined ? '' : ` ${project.version}`;
    return {
      checks: [{ name, state: 'ok', text: `${project.name}${version} in ${project.root}, Python ${project.python.version} (${project.python.reason})` }],
      base: baseReference,
      local,
    };
  } catch (error) {
    const { message, fix } = reportOf(error);
    return { checks: [{ name, state: 'warning', text: message, ...(fix !== undefined && { fix }) }] };
  }
}

async function checkNetwork({ env, offline = false }: Request, local: LocalFacts | undefined): Promise<readonly Check[]> {
  try {
    const ofProject = local && { folder: local.project.root, indexes: local.config.indexes, wheelhouse: exportFolder(local) };
    const network = await readNetwork(env, { ...ofProject, offline });
    return networkChecks(await network.complete());
  } catch (error) {
    const { message, fix } = reportOf(error);
    return [{ name: 'network', state: 'warning', text: message, ...(fix !== undefined && { fix }) }];
  }
}
