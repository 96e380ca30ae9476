/** What a release runs, from what is there. */
import type { DjangoFacts, ServedApplication, SiteFacts } from '../project/project.js';
import { WEB, processWords } from './processes.js';
import type { Processes } from './processes.js';
import type { ReleaseCommand } from './release.js';

export interface CommandFacts {
  readonly django: DjangoFacts | undefined;
  /** Normalised names of what is installed. */
  readonly packages: ReadonlySet<string>;
  /** The application wheel's console scripts. */
  readonly scripts: readonly string[];
  readonly normalizedName: string;
  readonly site: SiteFacts | undefined;
  /** Of a package; where its wheel holds it. */
  readonly application: ServedApplication | undefined;
  readonly processes: Processes;
}

export function releaseCommand(facts: CommandFacts): ReleaseCommand {
  const { django, packages, scripts, site, application, processes } = facts;
  const web = processes[WEB];
  if (web !== undefined) return { words: processWords(web), reason: `${WEB} of Procfile`, serves: true };
  if (django) {
    if (packages.has('gunicorn') && django.wsgi !== undefined) return serving(['gunicorn', django.wsgi]);
    if (packages.has('uvicorn') && django.asgi !== undefined) return serving(['uvicorn', django.asgi]);
    if (packages.has('daphne') && django.asgi !== undefined) return serving(['daphne', '-b', '0.0.0.0', '-p', '8000', django.asgi]);
    if (packages.has('waitress') && django.wsgi !== undefined) return serving(['waitress-serve', '--listen=0.0.0.0:8000', django.wsgi]);
  }
  const served = site?.application && serverFor(site.application, packages);
  if (served) return serving(served);
  if (site?.script !== undefined) return { words: ['python', ...scriptWords(site.script)], reason: `the script ${site.script}`, serves: false };
  const script =
    scripts.find((name) => name.toLowerCase().replaceAll(/[-_.]+/g, '-') === facts.normalizedName) ?? (scripts.length === 1 ? scripts[0] : undefined);
  if (script !== undefined) return { words: [script], reason: `console script ${script}`, serves: false };
  const packaged = application && serverFor(application, packages);
  if (packaged) return serving(packaged);
  const needsServer = django !== undefined || site?.application !== undefined || application !== undefined;
  const missing = needsServer ? 'no server (gunicorn, uvicorn, daphne or waitress) among the dependencies' : 'no console script';
  return { words: ['python'], reason: `${missing}: the command is python`, serves: false };
}

/** A package's `__main__.py` runs as its module, so that it finds the others. */
function scriptWords(script: string): readonly string[] {
  const module = /^(.+)\/__main__\.py$/.exec(script)?.[1];
  return module === undefined ? [script] : ['-m', module.replaceAll('/', '.')];
}

function serverFor({ protocol, module, name, isFactory }: ServedApplication, packages: ReadonlySet<string>): readonly string[] | undefined {
  const target = `${module}:${name}`;
  if (protocol === 'wsgi') {
    if (packages.has('gunicorn')) return ['gunicorn', isFactory ? `${target}()` : target];
    return packages.has('waitress') ? ['waitress-serve', '--listen=0.0.0.0:8000', ...(isFactory ? ['--call'] : []), target] : undefined;
  }
  if (packages.has('uvicorn')) return ['uvicorn', ...(isFactory ? ['--factory'] : []), target];
  if (packages.has('hypercorn')) return ['hypercorn', '--bind', '0.0.0.0:8000', isFactory ? `${target}()` : target];
  return packages.has('daphne') && !isFactory ? ['daphne', '-b', '0.0.0.0', '-p', '8000', target] : undefined;
}

function serving(words: readonly string[]): ReleaseCommand {
  return { words, reason: `${words[0] ?? ''} with ${words.at(-1) ?? ''}`, serves: true };
}
