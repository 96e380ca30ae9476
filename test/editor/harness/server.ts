/** code-server: VS Code's server and extension host as processes of ours, ended with all they started. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { freePort } from '../../../scripts/setup/editor.mjs';
import { usePseudoLanguage } from './pseudo-language.js';

const execute = promisify(execFile);

interface Program {
  readonly node: string;
  readonly entry: string;
}

/** No welcome pages, no other extensions at work, nothing that moves. */
const QUIET_SETTINGS: Readonly<Record<string, unknown>> = {
  'workbench.startupEditor': 'none',
  'workbench.editor.useModal': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'window.autoDetectColorScheme': false,
  'workbench.colorTheme': 'Default Dark Modern',
  'git.enabled': false,
  'extensions.ignoreRecommendations': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'telemetry.telemetryLevel': 'off',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on',
  'editor.minimap.enabled': false,
  'files.hotExit': 'off',
  'security.workspace.trust.startupPrompt': 'never',
  'remote.autoForwardPorts': false,
};

export interface ServerOptions {
  /** A folder, or a `.code-workspace` file. */
  readonly open: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Of the person's keybindings.json. Default: none. */
  readonly keybindings?: readonly { readonly key: string; readonly command: string; readonly args?: unknown }[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: every folder is trusted, and nobody asks. */
  readonly askForTrust?: boolean;
  /** The pseudo-language of harness/pseudo-language.ts, in which all that is ours is in brackets. Default: English. */
  readonly pseudoLanguage?: boolean;
}

export class Server {
  private constructor(
    readonly port: number,
    readonly folder: string,
    readonly open: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(options: ServerOptions): Promise<Server> {
    const { codeServer, extensions } = inject('editor');
    const folder = mkdtempSync(join(tmpdir(), 'pypackage-vscode-'));
    mkdirSync(join(folder, 'ud/User'), { recursive: true });
    writeFileSync(join(folder, 'ud/User/settings.json'), JSON.stringify({ ...QUIET_SETTINGS, ...options.settings }));
    if (options.keybindings) writeFileSync(join(folder, 'ud/User/keybindings.json'), JSON.stringify(options.keybindings));
    // Machine settings have a file of their own on the server's side.
    mkdirSync(join(folder, 'ud/Machine'), { recursive: true });
    writeFileSync(join(folder, 'ud/Machine/settings.json'), JSON.stringify(options.settings ?? {}));
    cpSync(extensions, join(folder, 'ext'), { recursive: true });
    const port = await freePort();
    const log = openSync(join(folder, 'server.log'), 'w');
    const flags = [
      '--auth',
      'none',
      '--bind-addr',
      `127.0.0.1:${port}`,
      '--disable-telemetry',
      '--disable-update-check',
      '--disable-getting-started-override',
      '--ignore-last-opened',
    ];
    if (options.askForTrust !== true) flags.push('--disable-workspace-trust');
    if (options.pseudoLanguage === true) flags.push('--locale', await usePseudoLanguage(join(folder, 'ud'), join(folder, 'ext')));
    const args = [codeServer.entry, '--user-data-dir', join(folder, 'ud'), '--extensions-dir', join(folder, 'ext'), ...flags, options.open];
    // A process group of its own: what it starts ends with it.
    const child = spawn(codeServer.node, args, { env: { ...environment(codeServer, folder), ...options.env }, stdio: ['ignore', log, log], detached: true });
    const server = new Server(port, folder, options.open, child);
    process.once('exit', server.killGroup);
    await server.answering();
    return server;
  }

  /** What our output channel holds: all of it, where the page shows the visible lines only. */
  outputText(): string {
    return this.logText('-PyPackage.log');
  }

  /** The newest of VS Code's log files whose name ends so: channels of extensions are among them. */
  logText(name: string): string {
    const files = readdirSync(join(this.folder, 'ud/logs'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith(name))
      .map((file) => join(this.folder, 'ud/logs', file));
    const newest = files.toSorted((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs).at(-1);
    return newest === undefined ? '' : readFileSync(newest, 'utf8');
  }

  /** Process id of the extension host of the window that was opened last. */
  hostPid(): number {
    const launched = [...readFileSync(join(this.folder, 'server.log'), 'utf8').matchAll(/<(\d+)> Launched Extension Host/g)].at(-1)?.[1];
    if (launched === undefined) throw new Error('no extension host was launched');
    return Number(launched);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    if (this.process.exitCode === null) {
      this.process.kill('SIGTERM');
      await Promise.race([ended, sleep(8000)]);
    }
    this.killGroup();
    process.off('exit', this.killGroup);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private readonly killGroup = (): void => {
    if (this.process.pid === undefined) return;
    try {
      process.kill(-this.process.pid, 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  };

  private async answering(): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const isUp = await fetch(`http://127.0.0.1:${this.port}/healthz`).then(
        (response) => response.ok,
        () => false,
      );
      // A stale server on the port would answer too: ours has to be alive.
      if (this.process.exitCode !== null || Date.now() > deadline)
        throw new Error(`code-server did not start:\n${readFileSync(join(this.folder, 'server.log'), 'utf8')}`);
      if (isUp) return;
      await sleep(50);
    }
  }
}

export async function installExtensions(
  program: Program,
  { vsix, extensions, userData }: { readonly vsix: readonly string[]; readonly extensions: string; readonly userData: string },
): Promise<void> {
  const args = [program.entry, '--user-data-dir', userData, '--extensions-dir', extensions, ...vsix.flatMap((file) => ['--install-extension', file])];
  mkdirSync(extensions, { recursive: true });
  await execute(program.node, args, { env: environment(program, userData) });
}

/** This process's own, less what a test runner puts there and what names an engine or an image. */
function environment(program: Program, home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(NODE_OPTIONS|NODE_ENV|VITEST.*|VSCODE_.*|PYPACKAGE_.*|DOCKER_CONTEXT|TEST|DEV|PROD|MODE|BASE_URL|SSR)$/.test(name),
  );
  const xdg = join(home, 'xdg');
  return {
    ...Object.fromEntries(kept),
    PATH: `${dirname(program.node)}${delimiter}${process.env['PATH'] ?? ''}`,
    XDG_CONFIG_HOME: xdg,
    XDG_DATA_HOME: xdg,
    XDG_CACHE_HOME: xdg,
    XDG_STATE_HOME: xdg,
  };
}
