/** What the terminal in front shows, and typing into it. */
import { expect } from 'vitest';
import type { EditorWindow } from './window.js';

/** Settings with which its rows are elements of the page, and not painted. */
export const TERMINAL_IN_THE_PAGE = { 'terminal.integrated.gpuAcceleration': 'off' };

/** The visible rows, with ordinary spaces and without those at the end. */
export async function terminalText({ page }: EditorWindow): Promise<string> {
  const rows = await page.locator('.terminal-wrapper.active .xterm-rows > div').allInnerTexts();
  return rows
    .map((row) => row.replaceAll('\u00a0', ' ').trimEnd())
    .join('\n')
    .trimEnd();
}

export async function terminalSays(window: EditorWindow, text: RegExp, timeout = 20_000): Promise<string> {
  await expect.poll(() => terminalText(window), { timeout, interval: 100 }).toMatch(text);
  return terminalText(window);
}

export async function typeInTerminal({ page }: EditorWindow, text: string): Promise<void> {
  await page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
  await page.keyboard.type(text);
}

/** Points at a text of a row, so that the terminal looks for a link there, and clicks it with Ctrl held down. */
export async function followInTerminal(window: EditorWindow, text: string, picture?: string): Promise<void> {
  const { mouse, keyboard } = window.page;
  const { x, y } = await placeInTerminal(window, text);
  await mouse.move(x - 30, y);
  await mouse.move(x, y, { steps: 3 });
  // The terminal asks all extensions for links: that this one was found, its hover tells.
  await window.page.locator('.monaco-hover:visible').getByText('Open File in Editor').waitFor();
  await keyboard.down('Control');
  if (picture !== undefined) await window.screenshot(picture);
  await mouse.click(x, y);
  await keyboard.up('Control');
}

async function placeInTerminal({ page }: EditorWindow, text: string): Promise<{ readonly x: number; readonly y: number }> {
  const row = page.locator('.terminal-wrapper.active .xterm-rows > div').filter({ hasText: text }).last();
  const part = row.locator('span').filter({ hasText: text }).last();
  const box = await part.boundingBox();
  const shown = (await part.textContent()) ?? '';
  if (!box) throw new Error(`the terminal does not show ${text}`);
  // Every character is as wide as the others.
  return { x: box.x + (box.width / shown.length) * (shown.indexOf(text) + text.length / 2), y: box.y + box.height / 2 };
}
