/** The command line in a process that is none: everything it prints and asks is in the test's hands. */
import { runCli } from '../../../src/cli/app.js';
import type { CliIo, SignalName } from '../../../src/cli/io.js';
import type { Core } from '../../../src/core/core.js';
import type { CleanItem, DoctorDocument, StatusDocument } from '../../../src/core/request.js';
import { START } from './events.js';
import { Pipe, type Screen } from './screen.js';

export const STATUS: StatusDocument = {
  v: 1,
  project: { name: 'polls', version: '1.4.0', root: '/home/ann/polls', id: 'polls-12345678' },
  target: 'polls',
  python: { version: '3.13', reason: '.python-version' },
  baseImage: { reference: 'python:3.13-slim', source: 'detected' },
  engine: { product: 'Docker', version: '28.5', url: 'unix:///var/run/docker.sock', source: 'default socket' },
  stages: [
    { stage: 'base', state: 'up to date', reason: '', artifact: { id: 'sha256:1', name: 'local/polls-base:1', size: 130_000_000, created: START - 300_000 } },
    { stage: 'builder', state: 'unknown', reason: 'the engine was not asked' },
    { stage: 'wheels', state: 'stale', reason: 'polls/views.py changed' },
    { stage: 'release', state: 'never run', reason: '' },
  ],
  release: { image: 'local/polls-release', tags: ['1.4.0', 'latest'], size: 168_000_000, created: START - 300_000 },
  services: [{ id: '1', name: 'polls-web', state: 'running', health: 'healthy', url: 'http://127.0.0.1:8000', image: 'local/polls-release:1.4.0' }],
};

export const DOCTOR: DoctorDocument = {
  v: 1,
  version: '0.1.0',
  engine: {
    product: 'Docker',
    version: '20.10',
    apiVersion: '1.41',
    platform: 'linux/amd64',
    buildkit: true,
    canBuild: true,
    url: 'unix:///var/run/docker.sock',
    source: 'default socket',
  },
  tried: [
    {
      url: 'unix:///var/run/docker.sock',
      source: 'default socket',
      value: 'unix:///var/run/docker.sock',
      state: 'answers',
      answer: 'Docker 20.10',
      chosen: true,
    },
    {
      url: 'unix:///run/podman/podman.sock',
      source: 'Podman',
      value: 'unix:///run/podman/podman.sock',
      state: 'trouble',
      answer: 'no permission',
      fix: 'sudo something',
      chosen: false,
    },
  ],
  why: 'it is the first of the usual places that answers',
  checks: [
    { name: 'engine', state: 'ok', text: 'Docker 20.10' },
    { name: 'BuildKit', state: 'ok', text: 'there' },
    { name: 'disk', state: 'warning', text: '2 GB left', fix: 'pypackage clean' },
  ],
};

export const ITEMS: readonly CleanItem[] = [
  { kind: 'image', id: 'i1', name: 'local/polls-release:1.3.0', size: 168_000_000, reason: 'a release of this target' },
  { kind: 'volume', id: 'v1', name: 'pip', reason: 'a cache' },
];

export const unused = (): never => {
  throw new Error('not expected here');
};
const NO_CORE: Core = {
  describe: unused,
  watchObjects: unused,
  lookAtContainers: unused,
  wheels: unused,
  readWheel: unused,
  verifyWheel: unused,
  deleteWheels: unused,
  containerAction: unused,
  followContainer: unused,
  execInContainer: unused,
  runImage: unused,
  inspectObject: unused,
  projects: unused,
  owner: unused,
  imageContents: unused,
  imagePackages: unused,
  compareImages: unused,
  previewRemoval: unused,
  removeImages: unused,
  tagImage: unused,
  pushImage: unused,
  run: unused,
  status: unused,
  doctor: unused,
  engines: unused,
  askEngine: unused,
  dockerfile: unused,
  start: unused,
  stop: unused,
  fix: unused,
  lastRun: unused,
  redact: unused,
  logs: unused,
  followLogs: unused,
  shell: unused,
  runCommand: unused,
  previewClean: unused,
  clean: unused,
  close() {},
};

export interface Call {
  readonly out: Pipe | Screen;
  readonly err: Pipe | Screen;
  readonly exits: readonly number[];
  signal(name: SignalName): void;
  readerGoes(): void;
  readonly code: Promise<number>;
}

export function call(
  argv: readonly string[],
  core: Partial<Core>,
  options: { readonly screen?: Screen; readonly answer?: string; readonly env?: CliIo['env'] } = {},
): Call {
  const out = options.screen ?? new Pipe();
  const err = options.screen ?? new Pipe();
  const exits: number[] = [];
  const signals = new Set<(name: SignalName) => void>();
  const readers = new Set<() => void>();
  const atExit = new Set<() => void>();
  const io: CliIo = {
    argv,
    env: options.env ?? {},
    cwd: '/home/ann/polls',
    home: '/home/ann',
    stdout: out,
    stderr: err,
    interactive: options.screen !== undefined,
    streams: () => ({ tty: false, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr }),
    ask: async () => options.answer,
    now: () => START,
    onSignal(listener) {
      signals.add(listener);
      return () => signals.delete(listener);
    },
    onReaderGone(listener) {
      readers.add(listener);
      return () => readers.delete(listener);
    },
    onExit(listener) {
      atExit.add(listener);
      return () => atExit.delete(listener);
    },
    exit(code) {
      exits.push(code);
      for (const listener of atExit) listener();
    },
    loadCore: async () => ({ ...NO_CORE, ...core }),
  };
  return {
    out,
    err,
    exits,
    code: runCli(io),
    signal: (name) => {
      for (const listener of signals) listener(name);
    },
    readerGoes: () => {
      for (const listener of readers) listener();
    },
  };
}

export function textOf(output: Pipe | Screen): string {
  return output instanceof Pipe ? output.text : `${output.lines.join('\n')}\n`;
}
