/** The button: one item that shows the current project and runs it. */
import { Disposable, MarkdownString, StatusBarAlignment, type StatusBarItem, window, workspace } from 'vscode';
import { isRunning } from './project-state.js';
import type { Projects } from './projects.js';
import { statusView } from './status-text.js';

/** The commands that the tooltip's links may run. */
const LINKS = ['checkStatus', 'showLog', 'showOutput', 'showDockerfile', 'runDoctor', 'cancel', 'openInBrowser'].map((name) => `pypackage.${name}`);

export class StatusBar implements Disposable {
  private item: StatusBarItem | undefined;
  private readonly subscriptions: Disposable;
  private clock: NodeJS.Timeout | undefined;
  private tooltip: string | undefined;

  constructor(private readonly projects: Projects) {
    this.subscriptions = Disposable.from(
      projects.onDidChange(() => this.draw()),
      workspace.onDidGrantWorkspaceTrust(() => this.draw()),
    );
  }

  dispose(): void {
    clearInterval(this.clock);
    this.item?.dispose();
    this.subscriptions.dispose();
  }

  private draw(): void {
    const project = this.projects.current;
    this.keepClock(project !== undefined && isRunning(project.state));
    if (!project) {
      this.item?.hide();
      return;
    }
    const { text, tooltip, command, accessibleLabel } = statusView(project.state, workspace.isTrusted, Date.now());
    const item = (this.item ??= newItem());
    item.text = text;
    if (tooltip !== this.tooltip) {
      // Only then: a new tooltip every second would close the one that is being read.
      this.tooltip = tooltip;
      const markdown = new MarkdownString(tooltip, true);
      markdown.isTrusted = { enabledCommands: LINKS };
      item.tooltip = markdown;
    }
    item.command = { command, title: 'PyPackage', ...(command !== 'workbench.trust.manage' && { arguments: [project.state.root] }) };
    item.accessibilityInformation = { label: accessibleLabel, role: 'button' };
    item.show();
  }

  /** The time in the text moves only while something runs. */
  private keepClock(running: boolean): void {
    if (running === (this.clock !== undefined)) return;
    clearInterval(this.clock);
    this.clock = running ? setInterval(() => this.draw(), 1000) : undefined;
  }
}

function newItem(): StatusBarItem {
  // Beside the source control items, which count down from 10000 and belong first.
  const item = window.createStatusBarItem('pypackage.target', StatusBarAlignment.Left, 50);
  item.name = 'PyPackage';
  return item;
}
