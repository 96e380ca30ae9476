/** What most of the tests begin with: a copy of a sample, a server that has it open, and a window. */
import type { Browser } from 'playwright-core';
import { Server, type ServerOptions } from './server.js';
import { EditorWindow, launchBrowser } from './window.js';
import { BASE_IMAGE, copySample, newNamespace, removeNamespace, type Sample } from './workspace.js';

export interface SampleWindowOptions extends Omit<ServerOptions, 'open'> {
  /** Changes the copy before it is opened. */
  readonly prepare?: (sample: Sample) => void | Promise<void>;
}

export interface SampleWindow {
  /** Of the images that are made of it. */
  readonly namespace: string;
  readonly sample: Sample;
  readonly browser: Browser;
  readonly server: Server;
  readonly window: EditorWindow;
  /** Ends and removes all of it; for `beforeAll` to return. */
  readonly close: () => Promise<void>;
}

export async function openSample(name: Parameters<typeof copySample>[0], { prepare, settings, ...options }: SampleWindowOptions = {}): Promise<SampleWindow> {
  const namespace = newNamespace();
  const made: (() => Promise<void>)[] = [() => removeNamespace(namespace)];
  const close = async (): Promise<void> => {
    for (const end of made.splice(0).reverse()) await end();
  };
  try {
    const sample = await copySample(name);
    made.push(() => sample.remove());
    await prepare?.(sample);
    const ours = { 'pypackage.namespace': namespace, 'pypackage.baseImage': BASE_IMAGE };
    const server = await Server.start({ open: sample.folder, settings: { ...ours, ...settings }, ...options });
    made.push(() => server.stop());
    const browser = await launchBrowser();
    made.push(() => browser.close());
    const window = await EditorWindow.open(browser, server);
    return { namespace, sample, browser, server, window, close };
  } catch (error) {
    await close();
    throw error;
  }
}
