/** The terminals of containers: shells, commands, and one for each log. */
import * as l10n from '@vscode/l10n';
import { type Disposable, type Pseudoterminal, type Terminal, ThemeIcon, window } from 'vscode';
import type { RunImage } from '../../core/environments/shell.js';
import type { TerminalCall, TerminalSize, WorkerRequest } from '../../protocol/worker.js';
import type { CoreCalls } from '../core-thread.js';
import type { Project } from '../projects.js';
import { chosenEngineParams } from '../settings.js';
import { LogTerminal, type LogTerminalParts, TAIL } from './log-terminal.js';
import { ShellTerminal } from './shell-terminal.js';

export interface TerminalsParts {
  readonly core: CoreCalls;
  readonly request: (project: Project) => WorkerRequest;
  /** Shows what a terminal ended of. @param subject the project, or as people call what the terminal was for */
  readonly onFailure: (subject: Project | string, error: unknown) => void;
}

/** What a terminal is opened for. */
export interface Meant {
  readonly id: string;
  /** As people call it: the terminal's name begins with it. */
  readonly title: string;
}

export class Terminals implements Disposable {
  private readonly logs = new Map<string, Terminal>();
  private readonly open = new Set<Terminal>();
  private readonly subscription = window.onDidCloseTerminal((closed) => {
    this.open.delete(closed);
    for (const [key, terminal] of this.logs) if (terminal === closed) this.logs.delete(key);
  });

  constructor(private readonly parts: TerminalsParts) {}

  openShell(project: Project): void {
    const call = (size: TerminalSize): TerminalCall => ({ method: 'shell', params: { ...this.parts.request(project), ...size } });
    this.openTerminal(l10n.t('{0} shell', project.state.name), project, call, false);
  }

  followLogs(project: Project): void {
    const { root, name } = project.state;
    this.follow(l10n.t('{0} log', name), root, project, { method: 'followLogs', params: { ...this.parts.request(project), tail: TAIL } });
  }

  followContainer({ id, title }: Meant): void {
    this.follow(l10n.t('{0} log', title), id, title, { method: 'followContainer', params: { ...chosenEngineParams(), container: id, tail: TAIL } });
  }

  openContainerShell({ id, title }: Meant): void {
    const call = (size: TerminalSize): TerminalCall => ({ method: 'execInContainer', params: { ...chosenEngineParams(), container: id, ...size } });
    this.openTerminal(l10n.t('{0} shell', title), title, call, false);
  }

  /** @param command for `sh -c` */
  runInContainer({ id, title }: Meant, command: string): void {
    const call = (size: TerminalSize): TerminalCall => ({ method: 'execInContainer', params: { ...chosenEngineParams(), container: id, command, ...size } });
    this.openTerminal(`${title}: ${command}`, title, call, true);
  }

  /** A container of its own, which goes with its terminal. */
  runImage({ id, title }: Meant, { what, foreign = false }: Omit<RunImage, 'image'>): void {
    const call = (size: TerminalSize): TerminalCall => ({
      method: 'runImage',
      params: { ...chosenEngineParams(), image: id, what, ...(foreign && { foreign }), ...size },
    });
    const name = what === 'shell' ? l10n.t('{0} shell', title) : what === 'own' ? title : `${title}: ${what.command}`;
    this.openTerminal(name, title, call, what !== 'shell');
  }

  dispose(): void {
    this.subscription.dispose();
    for (const terminal of this.open) terminal.dispose();
  }

  /** Once for each key: a second one would tell the same. */
  private follow(name: string, key: string, subject: Project | string, call: LogTerminalParts['call']): void {
    const known = this.logs.get(key);
    if (known) return known.show(true);
    const { core, onFailure } = this.parts;
    const pty = new LogTerminal({ core, call, onFailure: (error) => onFailure(subject, error) });
    this.logs.set(key, this.show(name, 'output', pty));
  }

  private openTerminal(name: string, subject: Project | string, call: (size: TerminalSize) => TerminalCall, stays: boolean): void {
    const { core, onFailure } = this.parts;
    this.show(name, 'terminal', new ShellTerminal({ core, call, stays, onFailure: (error) => onFailure(subject, error) }));
  }

  private show(name: string, icon: string, pty: Pseudoterminal): Terminal {
    // A reload ends what is behind it: there is nothing to bring back.
    const terminal = window.createTerminal({ name, pty, iconPath: new ThemeIcon(icon), isTransient: true });
    this.open.add(terminal);
    terminal.show();
    return terminal;
  }
}
