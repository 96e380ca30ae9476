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
