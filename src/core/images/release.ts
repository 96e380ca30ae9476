/** release: the dependency layer, the application's wheel, its static files, and how to run it. */
import checkRelease from '../containers/check_release.py';
import importModules from '../containers/import_modules.py';
import install from '../containers/install.py';
import systemPackages from '../containers/system_packages.py';
import healthcheck from './healthcheck.py';
import { MOUNT_ROOT, envLine, execForm, fileMount, imageMount, labelLine, recipe, runLine } from './dockerfile.js';
import { APP_UID, APP_USER, STATIC_DIR } from './base.js';
import type { Recipe } from './dockerfile.js';
import { LABEL } from '../engine/labels.js';
import type { SiteFacts } from '../project/project.js';
import type { Processes } from './processes.js';
import { APPLICATION, PIP_ENV, WHEELHOUSE } from './tools.js';

export interface ReleaseFacts {
  readonly layer: string;
  readonly builder: string;
  /** Reference of the application wheel's image. */
  readonly application: string;
  /** The distribution's name, and its modules: they are imported once. */
  readonly name: string;
  readonly modules: readonly string[];
  readonly settingsModule: string | undefined;
  /** Of a project that is no package: then `application` holds its sources. */
  readonly site: Pick<SiteFacts, 'base' | 'workingDir'> | undefined;
  readonly processes: Processes;
  readonly command: ReleaseCommand;
  readonly sourceDateEpoch: number;
}

export interface ReleaseCommand {
  readonly words: readonly string[];
  /** Why this one: `gunicorn with polls.wsgi:application`. */
  readonly reason: string;
  /** Whether it listens on `PORT`. */
  readonly serves: boolean;
}

export const PORT = 8000;

/** What a step of the release runs. */
export const RELEASE_SCRIPTS = {
  'install.py': install,
  'check_release.py': checkRelease,
  'import_modules.py': importModules,
  'system_packages.py': systemPackages,
};

export function releaseRecipe(facts: ReleaseFacts): Recipe {
  const { command, settingsModule, site, processes } = facts;
  const pythonPath = site && folders([APPLICATION, inApplication(site.base), inApplication(site.workingDir)]).join(':');
  const installing = [
    `SOURCE_DATE_EPOCH=${facts.sourceDateEpoch}`,
    ...(pythonPath === undefined ? [] : [`PYTHONPATH='${pythonPath}'`]),
    `/appenv/bin/python ${MOUNT_ROOT}/install.py`,
    ...(site ? [`--source ${MOUNT_ROOT}/source --into ${APPLICATION}`] : []),
    ...(settingsModule === undefined ? [] : [`--collectstatic ${settingsModule} --static-root ${STATIC_DIR}`]),
    ...(facts.modules.length === 0 ? [] : [`--application ${facts.name} --user ${APP_UID} --import ${facts.modules.join(' ')}`]),
  ];
  const lines = [
    `FROM ${facts.layer}`,
    'USER 0',
    runLine({
      mounts: site
        ? [imageMount(facts.application, APPLICATION, 'source'), ...Object.keys(RELEASE_SCRIPTS).map(fileMount)]
        : [imageMount(facts.application, WHEELHOUSE, 'wheelhouse'), imageMount(facts.builder, PIP_ENV, 'pip'), ...Object.keys(RELEASE_SCRIPTS).map(fileMount)],
      commands: [installing.join(' ')],
    }),
  ];
  const env: Record<string, string> = {};
  if (site) lines.push(`WORKDIR ${inApplication(site.workingDir)}`);
  if (pythonPath !== undefined) env['PYTHONPATH'] = pythonPath;
  if (settingsModule !== undefined) Object.assign(env, { DJANGO_SETTINGS_MODULE: settingsModule, STATIC_ROOT: STATIC_DIR });
  if (command.serves) {
    // gunicorn takes PORT, uvicorn UVICORN_*, from the environment. /dev/shm: heartbeats on a disk can block for long
    // (https://docs.gunicorn.org/en/stable/faq.html#how-do-i-avoid-gunicorn-excessively-blocking-in-os-fchmod).
    Object.assign(env, {
      PORT: String(PORT),
      GUNICORN_CMD_ARGS: '--worker-tmp-dir=/dev/shm --access-logfile=-',
      UVICORN_HOST: '0.0.0.0',
      UVICORN_PORT: String(PORT),
    });
  }
  if (Object.keys(env).length > 0) lines.push(envLine(env));
  if (command.serves) {
    lines.push(`EXPOSE ${PORT}`);
    lines.push(`HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ${execForm(['python', '-c', healthcheck.trim()])}`);
  }
  if (Object.keys(processes).length > 0) lines.push(labelLine(LABEL.processes, JSON.stringify(processes)));
  lines.push('STOPSIGNAL SIGTERM', `USER ${APP_USER}`, `CMD ${execForm(command.words)}`);
  return recipe('Dockerfile.release', lines, RELEASE_SCRIPTS);
}

function inApplication(folder: string): string {
  return folder === '' ? APPLICATION : `${APPLICATION}/${folder}`;
}

/** The more special first, as Python looks. */
function folders(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].sort((a, b) => b.length - a.length);
}

/** New tags and labels for a release whose content is there already: no instruction, so no layer. */
export function relabelRecipe(release: string): Recipe {
  return recipe('Dockerfile.release', [`FROM ${release}`], {});
}
