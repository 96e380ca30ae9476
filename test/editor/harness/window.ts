/** One window of the editor, driven as a person would: palette, button, notifications. */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { inject } from 'vitest';
import * as z from 'zod/mini';
import type { Server } from './server.js';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Kept apart for the oldest editor: the same case looks different there. */
const RESULTS = join(import.meta.dirname, '../../../test-results', process.env['PYPACKAGE_TEST_EDITOR'] === 'oldest' ? 'oldest' : '');
// As text: it runs in the page, whose globals are not ours.
const CONTRASTS = readFileSync(join(import.meta.dirname, 'contrasts-in-page.js'), 'utf8')
  .replace(/^\/\/.*\n/gm, '')
  .replace(/;\s*$/, '');
const EXTENSION = 'pypackage.pypackage-docker';

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: inject('editor').chromium, args: FLAGS });
}

export class EditorWindow {
  /** Those that are open: the harness takes a picture of each at the end of every case. */
  static readonly opened = new Set<EditorWindow>();

  private constructor(readonly page: Page) {
    EditorWindow.opened.add(this);
    page.once('close', () => EditorWindow.opened.delete(this));
  }

  static async open(browser: Browser, server: Server, options: BrowserContextOptions = {}): Promise<EditorWindow> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const query = new URLSearchParams(server.open.endsWith('.code-workspace') ? { workspace: server.open } : { folder: server.open });
    await page.goto(`http://127.0.0.1:${server.port}/?${query.toString()}`);
    await page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 60_000 });
    return new EditorWindow(page);
  }

  /** The button of the status bar. */
  get button(): Locator {
    return this.page.locator(`[id="${EXTENSION}.pypackage.target"]`);
  }

  /** The status bar's item that picks the target; there where several projects are. */
  get picker(): Locator {
    return this.page.locator(`[id="${EXTENSION}.pypackage.selectTarget"]`);
  }

  /** By the end of its path. */
  async openFile(path: string): Promise<void> {
    await this.page.keyboard.press('Control+p');
    await this.quickInput.locator('input.input').fill(path);
    const name = escape(path.slice(path.lastIndexOf('/') + 1));
    await this.pick(new RegExp(name));
    await this.tab(new RegExp(name)).waitFor();
  }

  /** Waits until the button's text matches. */
  async buttonSays(text: RegExp, timeout = 20_000): Promise<void> {
    await this.button.filter({ hasText: text }).waitFor({ timeout });
  }

  async press(): Promise<void> {
    await this.button.locator('a').click();
  }

  /** Runs a command by its title in the palette, such as `PyPackage: Build`. */
  async command(title: string): Promise<void> {
    // The palette does not learn of an extension's commands while it is open: a window that has just begun is asked again.
    for (let tries = 0; ; tries++) {
      const option = await this.findCommand(title);
      try {
        // A click, not Enter: that can hit a row of the list before it was filtered.
        await option.click({ timeout: 5000 });
        return;
      } catch (error) {
        if (tries === 3) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Whether the palette offers the command. */
  async offers(title: string): Promise<boolean> {
    const option = await this.findCommand(title);
    const isThere = await option.waitFor({ timeout: 1500 }).then(
      () => true,
      () => false,
    );
    await this.page.keyboard.press('Escape');
    return isThere;
  }

  async pick(label: string | RegExp): Promise<void> {
    await this.quickInput.getByRole('option', { name: label }).first().click();
  }

  /** A view of the side bar. */
  pane(name: string): Locator {
    return this.page.locator('.sidebar .pane').filter({ has: this.page.locator(`.pane-header[aria-label^="${name} "]`) });
  }

  /** Closes the other views of the side bar, so that all rows of this one are drawn. */
  async showOnly(name: string): Promise<void> {
    for (const header of await this.page.locator('.sidebar .pane-header').all()) {
      const isOpen = (await header.getAttribute('aria-expanded')) === 'true';
      const isMeant = (await header.getAttribute('aria-label'))?.startsWith(`${name} `) === true;
      if (isOpen !== isMeant) await header.click();
    }
  }

  /** Of a row's context menu. */
  async menu(row: Locator, title: string): Promise<void> {
    await row.click({ button: 'right' });
    const item = this.page.getByRole('menuitem', { name: title });
    await item.waitFor();
    // A menu takes no click right after it was opened: the press that did may still be held.
    await this.page.waitForTimeout(250);
    await item.click();
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget');
  }

  toast(text: RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text });
  }

  get toasts(): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item');
  }

  async dismissToasts(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
  }

  /** The visible text of the editor in front, with ordinary spaces. */
  async editorText(): Promise<string> {
    const text = await this.page.locator('.editor-group-container.active .view-lines').first().innerText();
    return text.replaceAll('\u00a0', ' ');
  }

  tab(name: RegExp): Locator {
    return this.page.getByRole('tab', { name });
  }

  problems(): Locator {
    return this.page.locator('.markers-panel [role="treeitem"]');
  }

  /** The text of the button's tooltip. */
  async tooltip(): Promise<string> {
    await this.page.mouse.move(600, 300);
    await this.button.hover();
    // Ours begins with the name in bold; another hover may still be fading out.
    const hover = this.page
      .locator('.monaco-hover:visible')
      .filter({ has: this.page.locator('strong') })
      .last();
    await hover.waitFor();
    await this.page.waitForTimeout(300);
    return (await hover.innerText()).replaceAll('\u00a0', ' ');
  }

  /** What a webview in front shows; it lives in two frames. */
  get preview(): FrameLocator {
    return this.page.locator('iframe.webview.ready').filter({ visible: true }).contentFrame().locator('iframe#active-frame').contentFrame();
  }

  async useTheme(name: string): Promise<void> {
    await this.command('Preferences: Color Theme');
    await this.quickInput.locator('input').fill(name);
    await this.quickInput.getByRole('option', { name }).first().click();
    await this.quickInput.waitFor({ state: 'hidden' });
  }

  /** Contrast of each piece of text with what is painted behind it. */
  async contrasts(selector: string): Promise<readonly { readonly text: string; readonly ratio: number }[]> {
    const measured: unknown = await this.page.evaluate(`(${CONTRASTS})([...document.querySelectorAll(${JSON.stringify(selector)})])`);
    return z.parse(z.array(z.object({ text: z.string(), ratio: z.number() })), measured);
  }

  /** Kept for people to look at, in test-results/. */
  async screenshot(name: string): Promise<void> {
    const path = join(RESULTS, `${name}.png`);
    mkdirSync(dirname(path), { recursive: true });
    await this.page.screenshot({ path });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  private async findCommand(title: string): Promise<Locator> {
    const input = this.quickInput.locator('input.input');
    // A page that is just being shown takes the focus, and the palette goes.
    for (let tries = 0; ; tries++) {
      await this.page.keyboard.press('F1');
      try {
        await input.waitFor({ timeout: 5000 });
        await input.fill(`>${title}`, { timeout: 3000 });
        break;
      } catch (error) {
        if (tries === 3) throw error;
      }
    }
    return this.quickInput.getByRole('option', { name: new RegExp(`^${escape(title)}(,|$)`) }).first();
  }
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
