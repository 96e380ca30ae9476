/** What opening a folder costs, before anybody asked for anything. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Server } from './harness/server.js';
import { EditorWindow, launchBrowser } from './harness/window.js';
import { copySample, type Sample } from './harness/workspace.js';

const OURS = 'PyPackage Docker';
const CONTROL = 'PyPackage Control';

describe('activation', () => {
  let sample: Sample;
  let browser: Browser;
  let server: Server;
  let engine: NetServer;
  let connections = 0;

  beforeAll(async () => {
    sample = await copySample('polls');
    const socket = join(tmpdir(), `pypackage-listening-${process.pid}.sock`);
    engine = createServer((connection) => {
      connections++;
      connection.destroy();
    });
    await new Promise<void>((resolve) => engine.listen(socket, resolve));
    browser = await launchBrowser();
    server = await Server.start({ open: sample.folder, env: { DOCKER_HOST: `unix://${socket}` } });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    engine?.close();
    await sample?.remove();
  });

  test('costs at most 15 ms more than an extension that does nothing: the median of seven fresh hosts', async () => {
    const ours: number[] = [];
    const control: number[] = [];
    const window = await EditorWindow.open(browser, server);
    for (let round = 0; round < 7; round++) {
      if (round > 0) await restartHost(window, server);
      await window.buttonSays(/polls/);
      const times = await activationTimes(window);
      ours.push(times.get(OURS) ?? Number.NaN);
      control.push(times.get(CONTROL) ?? Number.NaN);
    }
    await window.close();
    console.log(`activation in ms: ours ${ours.join(' ')}, control ${control.join(' ')}`);
    expect(median(ours) - median(control)).toBeLessThanOrEqual(15);
  });

  test('starts no thread of the core and opens no socket to an engine, until it is asked', async () => {
    const window = await EditorWindow.open(browser, server);
    await window.buttonSays(/polls/);
    expect(connections).toBe(0);
    const before = threadNames(server.hostPid());
    expect(before).not.toContain('PyPackage');
    await window.command('PyPackage: Check Status');
    await window.toast(/polls/).waitFor();
    // The proof that the two looks above would have seen it.
    expect(connections).toBeGreaterThan(0);
    // The Node of an older editor names no thread for the system: then there is at least one more.
    const after = threadNames(server.hostPid());
    expect(after.includes('PyPackage') || (new Set(after).size === 1 && after.length > before.length)).toBe(true);
    await window.close();
  });

  test('loads less than 200 KB, and nothing of dockerode', () => {
    const installed = readdirSync(inject('editor').extensions).find((name) => name.startsWith('pypackage.pypackage-docker-'));
    const bundle = join(inject('editor').extensions, installed ?? '', 'dist/extension.js');
    expect(existsSync(bundle)).toBe(true);
    expect(statSync(bundle).size).toBeLessThan(200_000);
    const text = readFileSync(bundle, 'utf8');
    expect(text).not.toMatch(/dockerode|docker-modem|dialContext/i);
    // What it loads at once: the editor's API and Node's own modules. Later, with the first call: the worker's client.
    const loaded = (pattern: RegExp): (string | undefined)[] => [...text.matchAll(pattern)].map(([, name]) => name);
    expect(loaded(/\brequire\("([^"]+)"\)/g).filter((name) => name !== 'vscode' && !name?.startsWith('node:'))).toEqual([]);
    expect(loaded(/\bimport\("([^"]+)"\)/g)).toEqual(['./core-client.js', './on-demand.js']);
  });
});

/** A page that is loaded again has a new extension host. */
async function restartHost(window: EditorWindow, server: Server): Promise<void> {
  const before = server.hostPid();
  await window.page.reload();
  await expect.poll(() => server.hostPid(), { timeout: 30_000 }).not.toBe(before);
}

/** From VS Code's own list of running extensions: milliseconds by display name, loading and activating together. */
async function activationTimes(window: EditorWindow): Promise<ReadonlyMap<string, number>> {
  await window.command('Developer: Show Running Extensions');
  const list = window.page.locator('.runtime-extensions-editor');
  await list.locator('.extension').first().waitFor();
  const times = new Map<string, number>();
  await expect
    .poll(
      async () => {
        for (const text of await list.locator('.extension').allInnerTexts()) {
          const name = [OURS, CONTROL].find((name) => text.includes(name));
          const ms = /Activation: (\d+)ms/.exec(text)?.[1];
          if (name !== undefined && ms !== undefined) times.set(name, Number(ms));
        }
        await list.locator('.monaco-list').focus();
        await window.page.keyboard.press('PageDown');
        return times.size;
      },
      { timeout: 15_000, interval: 200 },
    )
    .toBe(2);
  return times;
}

function threadNames(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/task`).map((task) => readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim());
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
