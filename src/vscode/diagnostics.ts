/** Gathers what **Copy Diagnostics** tells. */
import { open } from 'node:fs/promises';
import { arch, homedir, release } from 'node:os';
import { type Extension, env, version, workspace } from 'vscode';
import { VERSION } from '../core/version.js';
import type { DoctorDocument } from '../core/request.js';
import type { WorkerRequest } from '../protocol/worker.js';
import { toReport } from './core-error.js';
import type { CoreCalls } from './core-thread.js';
import { anonymous, diagnosticsText, type FailureFacts, type ProjectFacts, type SettingFacts } from './diagnostics-text.js';
import { lastRunOf } from './project-state.js';
import type { Project, Projects } from './projects.js';

export interface DiagnosticsParts {
  readonly extension: Extension<unknown>;
  readonly core: CoreCalls;
  readonly projects: Projects;
  readonly request: (project: Project) => WorkerRequest;
}

/** A person waits, and an engine that does not answer is an answer. */
const PATIENCE_MS = 5_000;
const TAIL = { bytes: 32 * 1024, lines: 60 };

/** @param project whose engine is asked; undefined: nobody is */
export async function gatherDiagnostics(parts: DiagnosticsParts, project: Project | undefined): Promise<string> {
  const { core, projects } = parts;
  // First: from the settings that it reads the core learns which passwords there are.
  const engine = await askDoctor(parts, project);
  const text = diagnosticsText({
    versions: versionsOf(),
    engine,
    settings: settingsOf(parts.extension, project),
    projects: await Promise.all(projects.all.map((each) => aboutProject(parts, each))),
    failures: (await Promise.all(projects.all.map(lastFailure))).filter((failure) => failure !== undefined),
  });
  return anonymous(await core.call({ method: 'redact', params: { text } }), homedir());
}

function versionsOf(): readonly (readonly [string, string])[] {
  return [
    ['PyPackage Docker', VERSION],
    ['Editor', `${env.appName} ${version} (${env.appHost}${env.remoteName === undefined ? '' : `, remote ${env.remoteName}`}), ${env.language}`],
    ['System', `${process.platform} ${release()}, ${arch()}`],
    ['Node', process.versions.node],
    ['Workspace', `${workspace.workspaceFolders?.length ?? 0} folders, ${workspace.isTrusted ? 'trusted' : 'not trusted'}`],
    ['Environment', ENVIRONMENT.filter((name) => process.env[name]).join(', ') || 'sets nothing that PyPackage reads'],
  ];
}

/** What changes what the core does; by name only. */
const ENVIRONMENT = `DOCKER_HOST DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_CONFIG PYPACKAGE_BASE_IMAGE
  HTTPS_PROXY https_proxy HTTP_PROXY http_proxy NO_PROXY no_proxy SSL_CERT_FILE REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS
  PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE PIP_CERT UV_INDEX UV_INDEX_URL UV_DEFAULT_INDEX NETRC`.split(/\s+/);

async function askDoctor({ core, request }: DiagnosticsParts, project: Project | undefined): Promise<DoctorDocument | string> {
  if (!project) return 'Not asked: no project is open.';
  if (!workspace.isTrusted) return 'Not asked: the folder is not trusted.';
  const deadline = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await core.call({ method: 'doctor', params: request(project) }, { signal: deadline });
  } catch (error) {
    if (deadline.aborted) return `No answer within ${PATIENCE_MS / 1000} s.`;
    return toReport(error).message;
  }
}

function settingsOf({ packageJSON }: Extension<unknown>, project: Project | undefined): readonly SettingFacts[] {
  const configuration = workspace.getConfiguration(undefined, project?.uri);
  return settingKeys(packageJSON).flatMap((key) => {
    const { globalValue, workspaceValue, workspaceFolderValue } = configuration.inspect<unknown>(key) ?? { key };
    const values = [
      ['user', globalValue],
      ['workspace', workspaceValue],
      ['folder', workspaceFolderValue],
    ] as const;
    return values.filter(([, value]) => value !== undefined).map(([scope, value]) => ({ key, scope, value }));
  });
}

/** As the manifest lists them. */
function settingKeys(manifest: unknown): readonly string[] {
  const at = (value: unknown, key: string): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined);
  const configuration = at(at(manifest, 'contributes'), 'configuration');
  const blocks: readonly unknown[] = Array.isArray(configuration) ? configuration : [configuration];
  return blocks.flatMap((block) => Object.keys(Object(at(block, 'properties'))));
}

async function aboutProject({ core }: DiagnosticsParts, { state: { name, root } }: Project): Promise<ProjectFacts> {
  if (!workspace.isTrusted) return { name, folder: root };
  try {
    return { name, folder: root, about: await core.call({ method: 'describe', params: { folder: root } }) };
  } catch (error) {
    return { name, folder: root, problem: toReport(error).message };
  }
}

async function lastFailure({ state }: Project): Promise<FailureFacts | undefined> {
  const run = lastRunOf(state);
  if (run?.error === undefined || run.error.kind === 'cancelled') return undefined;
  return { project: state.name, stage: run.stage, error: run.error, tail: run.log === undefined ? [] : await tailOf(run.log) };
}

async function tailOf(path: string): Promise<readonly string[]> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - TAIL.bytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
      const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n');
      // Lines without a time are our own stacks: of a defect the report has its own.
      return lines
        .slice(start > 0 ? 1 : 0)
        .filter((line) => /^[\d:.]{12} /.test(line))
        .slice(-TAIL.lines);
    } finally {
      await file.close();
    }
  } catch {
    return [`${path} cannot be read`];
  }
}
