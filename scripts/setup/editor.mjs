import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './processes.mjs';
import { SetupError } from './say.mjs';

const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'extensions.ignoreRecommendations': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'telemetry.telemetryLevel': 'off',
  'chat.disableAIFeatures': true,
};

/**
 * Serves code-server with one extension and one folder on a free port of this machine only. It asks for a password, as
 * whoever reaches it has this user's rights.
 */
export async function serveEditor({ node, entry, vsix, folder, dataDir, env }) {
  const settings = join(dataDir, 'user', 'User');
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, 'settings.json'), JSON.stringify(QUIET, null, 2));
  const password = randomBytes(9).toString('base64url');
  const dirs = { XDG_CONFIG_HOME: join(dataDir, 'xdg'), XDG_DATA_HOME: join(dataDir, 'xdg'), XDG_CACHE_HOME: join(dataDir, 'xdg') };
  const all = { ...env, ...dirs, PATH: dirname(node) + delimiter + (env.PATH ?? ''), PASSWORD: password };
  const base = [entry, '--user-data-dir', join(dataDir, 'user'), '--extensions-dir', join(dataDir, 'extensions')];
  await run(node, [...base, '--install-extension', vsix, '--force'], { env: all, explain: 'Installing the extension in code-server' });

  const port = await freePort();
  const log = join(dataDir, 'server.log');
  const output = openSync(log, 'w');
  const quiet = ['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override', '--disable-workspace-trust', '--ignore-last-opened'];
  const child = spawn(node, [...base, '--auth', 'password', '--bind-addr', `127.0.0.1:${port}`, ...quiet, folder], {
    env: all,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const url = `http://127.0.0.1:${port}`;
  for (const began = Date.now(); ; await sleep(100)) {
    // Another server's answer on the same port must not pass for ours.
    if (child.exitCode !== null || Date.now() - began > 30_000)
      throw new SetupError(`code-server did not start:\n${readFileSync(log, 'utf8').split('\n').slice(-15).join('\n')}`);
    if (await answers(`${url}/healthz`)) break;
  }
  return { url: `${url}/?folder=${encodeURIComponent(folder)}`, password, stop: () => stop(child) };
}

async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => void child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(timer);
}

/** Of this machine, right now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
