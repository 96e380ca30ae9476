/**
 * The button: one item that shows the current project and runs it; and, where there are several, a quiet one that picks it. None has
 * a colour of its own: VS Code keeps that of errors as a last resort, and a failed run is in a message and in the problems, too.
 */
import * as l10n from '@vscode/l10n';
import { Disposable, MarkdownString, StatusBarAlignment, type StatusBarItem, window, workspace } from 'vscode';
import { isRunning } from './project-state.js';
import { type Project, type Projects, whereIs } from './projects.js';
import { LINKED, statusView, targetView } from './status-text.js';

export class StatusBar implements Disposable {
  private item: StatusBarItem | undefined;
  private picker: StatusBarItem | undefined;
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
    this.picker?.dispose();
    this.subscriptions.dispose();
  }

  private draw(): void {
    const project = this.projects.current;
    this.keepClock(project !== undefined && isRunning(project.state));
    if (project) this.drawButton(project);
    else this.item?.hide();
    if (project && this.projects.all.length > 1) this.drawPicker(project);
    else this.picker?.hide();
  }

  private drawButton({ state }: Project): void {
    const { text, tooltip, command, accessibleLabel } = statusView(state, workspace.isTrusted, Date.now());
    const item = (this.item ??= newButton());
    item.text = text;
    if (tooltip !== this.tooltip) {
      // Only then: a new tooltip every second would close the one that is being read.
      this.tooltip = tooltip;
      const markdown = new MarkdownString(tooltip, true);
      markdown.isTrusted = { enabledCommands: LINKED.map((name) => `pypackage.${name}`) };
      item.tooltip = markdown;
    }
    item.command = { command, title: 'PyPackage', ...(command !== 'workbench.trust.manage' && { arguments: [state.root] }) };
    item.accessibilityInformation = { label: accessibleLabel, role: 'button' };
    item.show();
  }

  private drawPicker(project: Project): void {
    const { text, tooltip, accessibleLabel } = targetView(project.state, whereIs(project), this.projects.all.length, this.projects.pinned !== undefined);
    const item = (this.picker ??= newPicker());
    item.text = text;
    item.tooltip = new MarkdownString(tooltip, true);
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

function newButton(): StatusBarItem {
  // Beside the source control items, which count down from 10000 and belong first.
  const item = window.createStatusBarItem('pypackage.target', StatusBarAlignment.Left, 50);
  item.name = 'PyPackage';
  return item;
}

function newPicker(): StatusBarItem {
  const item = window.createStatusBarItem('pypackage.selectTarget', StatusBarAlignment.Left, 49);
  item.name = l10n.t('PyPackage Target');
  item.command = 'pypackage.selectTarget';
  return item;
}
