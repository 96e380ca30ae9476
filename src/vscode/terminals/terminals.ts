/** The terminals of releases: shells, and one for the log of each project. */
import * as l10n from '@vscode/l10n';
import { type Disposable, type Pseudoterminal, type Terminal, ThemeIcon, window } from 'vscode';
import type { WorkerRequest } from '../../protocol/worker.js';
import type { CoreCalls } from '../core-thread.js';
import type { Project } from '../projects.js';
import { LogTerminal } from './log-terminal.js';
import { ShellTerminal } from './shell-terminal.js';

export interface TerminalsParts {
  readonly core: CoreCalls;
  readonly request: (project: Project) => WorkerRequest;
  /** Shows what a terminal ended of. */
  readonly onFailure: (project: Project, error: unknown) => void;
}

export class Terminals implements Disposable {
  private readonly logs = new Map<string, Terminal>();
  private readonly open = new Set<Terminal>();
  private readonly subscription = window.onDidCloseTerminal((closed) => {
    this.open.delete(closed);
    for (const [root, terminal] of this.logs) if (terminal === closed) this.logs.delete(root);
  });

  constructor(private readonly parts: TerminalsParts) {}

  openShell(project: Project): void {
    const { core, request, onFailure } = this.parts;
    const pty = new ShellTerminal(core, request(project), (error) => onFailure(project, error));
    this.show(l10n.t('{0} shell', project.state.name), 'terminal', pty);
  }

  /** Once for a project: a second one would tell the same. */
  followLogs(project: Project): void {
    const { core, request, onFailure } = this.parts;
    const { root, name } = project.state;
    const known = this.logs.get(root);
    if (known) return known.show(true);
    const pty = new LogTerminal(core, request(project), (error) => onFailure(project, error));
    this.logs.set(root, this.show(l10n.t('{0} log', name), 'output', pty));
  }

  dispose(): void {
    this.subscription.dispose();
    for (const terminal of this.open) terminal.dispose();
  }

  private show(name: string, icon: string, pty: Pseudoterminal): Terminal {
    // A reload ends what is behind it: there is nothing to bring back.
    const terminal = window.createTerminal({ name, pty, iconPath: new ThemeIcon(icon), isTransient: true });
    this.open.add(terminal);
    terminal.show();
    return terminal;
  }
}
