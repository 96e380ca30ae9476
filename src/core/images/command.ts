/** What a release runs, from what is there. */
import type { DjangoFacts } from '../project/project.js';
import type { ReleaseCommand } from './release.js';

export interface CommandFacts {
  readonly django: DjangoFacts | undefined;
  /** Normalised names of what is installed. */
  readonly packages: ReadonlySet<string>;
  /** The application wheel's console scripts. */
  readonly scripts: readonly string[];
  readonly normalizedName: string;
}

export function releaseCommand(facts: CommandFacts): ReleaseCommand {
  const { django, packages, scripts } = facts;
  if (django) {
    if (packages.has('gunicorn') && django.wsgi !== undefined) return serving(['gunicorn', django.wsgi]);
    if (packages.has('uvicorn') && django.asgi !== undefined) return serving(['uvicorn', django.asgi]);
    if (packages.has('daphne') && django.asgi !== undefined) return serving(['daphne', '-b', '0.0.0.0', '-p', '8000', django.asgi]);
    if (packages.has('waitress') && django.wsgi !== undefined) return serving(['waitress-serve', '--listen=0.0.0.0:8000', django.wsgi]);
  }
  const script =
    scripts.find((name) => name.toLowerCase().replaceAll(/[-_.]+/g, '-') === facts.normalizedName) ?? (scripts.length === 1 ? scripts[0] : undefined);
  if (script !== undefined) return { words: [script], reason: `console script ${script}`, serves: false };
  const missing = django ? 'no server (gunicorn, uvicorn, daphne or waitress) among the dependencies' : 'no console script';
  return { words: ['python'], reason: `${missing}: the command is python`, serves: false };
}

function serving(words: readonly string[]): ReleaseCommand {
  return { words, reason: `${words[0] ?? ''} with ${words.at(-1) ?? ''}`, serves: true };
}
