/** A shell in a release: in the one that is started, else in a container of its own. */
import type { Engine, TerminalStreams } from '../engine/engine.js';
import type { LocalFacts } from '../pipeline/facts.js';
import { findRelease, findServices, runInRelease } from './service.js';

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

function tell({ stdout, tty }: TerminalStreams, text: string): void {
  stdout.write(tty ? `\u001b[2m${text}\u001b[22m\r\n` : `${text}\n`);
}
