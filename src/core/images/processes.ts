/** The process types of a Procfile, as a release keeps and runs them. */
import * as z from 'zod/mini';
import type { ProcessType } from '../project/project.js';

/** Serves: the default command. */
export const WEB = 'web';
/** Runs before a release elsewhere; here nothing runs by itself. */
export const RELEASE = 'release';

const label = z.record(z.string(), z.string());

/** Commands by name. */
export type Processes = Readonly<Record<string, string>>;

export function processesOf(types: readonly ProcessType[]): Processes {
  return Object.fromEntries(types.filter(({ name }) => name !== RELEASE).map(({ name, command }) => [name, command]));
}

/** Of a release's label: anything may stand there. */
export function readProcesses(text: string | undefined): Processes {
  if (text === undefined) return {};
  try {
    const parsed = z.safeParse(label, JSON.parse(text));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}

/** Words for the exec form. A simple command takes the shell's place, so that it gets the signals; further words are passed to it. */
export function processWords(command: string, further: readonly string[] = []): readonly string[] {
  const isSimple = !/[;&|()<>`\n]|\$\(/.test(command);
  const assignments = /^(?:[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|[^\s"'])*\s+)*/.exec(command)?.[0] ?? '';
  const text = isSimple ? `${assignments}exec ${command.slice(assignments.length)}` : command;
  return ['sh', '-c', further.length > 0 ? `${text} "$@"` : text, ...(further.length > 0 ? ['sh', ...further] : [])];
}

/** What `run` was given, with a process type in front turned into its command. */
export function runWords(words: readonly string[], processes: Processes): readonly string[] {
  const [first = '', ...further] = words;
  const command = Object.hasOwn(processes, first) ? processes[first] : undefined;
  return command === undefined ? words : processWords(command, further);
}
