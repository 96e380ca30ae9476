/** The extension's settings, read when they are needed: nobody keeps a copy that could grow old. */
import { ConfigurationTarget, type Uri, workspace } from 'vscode';
import { BASE_IMAGE_SETTING, type Request } from '../core/request.js';
import type { WorkerRequest } from '../protocol/worker.js';

interface Location {
  readonly root: string;
  readonly uri: Uri;
}

/**
 * In a folder that is not trusted VS Code itself leaves out the workspace's values of restricted settings; `pypackage.engine`
 * is a machine setting, which a repository never sets.
 */
export function requestFor({ root, uri }: Location, env: NodeJS.ProcessEnv, logDir: string): WorkerRequest {
  const settings = workspace.getConfiguration('pypackage', uri);
  const text = (key: string): string | undefined => {
    const value: unknown = settings.get(key);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const baseImage = baseImageFrom(env['PYPACKAGE_BASE_IMAGE'], text('baseImage'));
  const namespace = text('namespace');
  const engine = engineFrom(text('engine'));
  return {
    folder: root,
    logDir,
    ...(baseImage && { baseImage }),
    ...(namespace !== undefined && { namespace }),
    ...(engine && { engine }),
  };
}

/** The engine that this person chose for all projects. */
export function chosenEngine(): Request['engine'] {
  const value: unknown = workspace.getConfiguration('pypackage').get('engine');
  return engineFrom(typeof value === 'string' ? value.trim() : undefined);
}

/** The same, for calls of which an engine is all that need be said. */
export function chosenEngineParams(): Pick<Request, 'engine'> {
  const engine = chosenEngine();
  return engine ? { engine } : {};
}

/** undefined: found anew each time. */
export async function chooseEngine(value: string | undefined): Promise<void> {
  await workspace.getConfiguration('pypackage').update('engine', value, ConfigurationTarget.Global);
}

function engineFrom(value: string | undefined): Request['engine'] {
  return value === undefined || value === '' ? undefined : { value, source: 'setting pypackage.engine' };
}

function baseImageFrom(variable: string | undefined, setting: string | undefined): Request['baseImage'] {
  if (variable !== undefined && variable !== '') return { reference: variable, source: 'PYPACKAGE_BASE_IMAGE' };
  return setting === undefined ? undefined : { reference: setting, source: BASE_IMAGE_SETTING };
}
