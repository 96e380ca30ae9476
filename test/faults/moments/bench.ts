/** A small project whose runs are ended at any moment, and what is looked at after each. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { NETWORK_MOUNTS, USE_NETWORK, aptInstall, aptMounts, recipe, runLine } from '../../../src/core/images/dockerfile.js';
import networkScript from '../../../src/core/images/network.sh';
import { connectEngine } from '../../../src/core/engine/connect.js';
import { COMPILERS } from '../../../src/core/images/builder.js';
import { buildSecrets, readNetwork } from '../../../src/core/network.js';
import { environment, start } from '../../engine/cli/pypackage.js';
import { BASE_IMAGE } from '../../support/core.js';
import type { Sandbox } from '../../support/core.js';
import { mini } from '../../support/projects.js';
import { containersWith, discard } from '../../support/raw-engine.js';
import { exportProblems, exportSurplus, generations, isComplete, leftovers, processesOf, releaseTags, stateOf } from './checks.js';
import type { Project } from './checks.js';
import { ForeignObjects } from './foreign.js';
import { RunningProcess, endAt, runToEnd } from './process.js';
import type { Ended, Ending, Surroundings } from './process.js';
import { Pace } from './timeline.js';
import type { Moment } from './timeline.js';

export type Kind = 'killed' | 'cancelled';

export interface Interruption extends Ended {
  /** What does not hold; empty when all is well. */
  readonly problems: readonly string[];
}

const TARGET = 'mini';
/** From Ctrl+C to the end of the process, on a machine that has a processor for it. */
const CANCEL_MS = 1_000;
/** Until nothing of a run that has ended is there any more. */
const STILL_MS = 10_000;

export class Bench {
  /** Of all runs so far. */
  readonly pace = new Pace();
  private base = BASE_IMAGE;
  private mark = '';
  private state = '';
  private count = 0;
  private projectId = '';
  private readonly fingerprints = new Set<string>();
  private foreign: ForeignObjects | undefined;

  constructor(private readonly sandbox: Sandbox) {}

  get folder(): string {
    return join(this.sandbox.folder, TARGET);
  }

  private get temporary(): string {
    return join(this.sandbox.folder, 'tmp');
  }

  private get exported(): string {
    return join(this.folder, 'target', 'pypackage', TARGET);
  }

  private get latest(): string {
    return `${this.sandbox.namespace}/${TARGET}-release:latest`;
  }

  private get surroundings(): Surroundings {
    const { namespace, folder } = this.sandbox;
    return {
      args: ['--project', this.folder, '--namespace', namespace, '--base-image', this.base],
      env: { ...environment(folder), TMPDIR: this.temporary },
    };
  }

  async prepare(): Promise<void> {
    await mkdir(this.temporary);
    await this.sandbox.project(mini({ dependencies: ['six==1.17.0'] }), TARGET);
    const { project } = await this.sandbox.core.status(this.sandbox.request(this.folder), new AbortController().signal);
    this.projectId = project.id;
    this.foreign = new ForeignObjects({ namespace: this.sandbox.namespace, projectId: project.id, target: TARGET, image: BASE_IMAGE });
    await this.foreign.make();
  }

  async close(): Promise<void> {
    await this.foreign?.remove();
    for (const { Id } of await containersWith({ 'io.pypackage.project': this.projectId })) await discard(`/containers/${Id}?force=1&v=1`);
    for (const print of this.fingerprints) await discard(`/volumes/pypackage-cache-${print}?force=1`);
  }

  /** A stand-in for a base image: the compilers are in it, so that a builder takes seconds. */
  async makeCompilers(): Promise<string> {
    const network = await readNetwork(process.env);
    const tag = `${this.sandbox.namespace}/python:with-compilers`;
    const packages = [...COMPILERS, 'python3-dev', 'python3-venv'];
    const install = runLine({ mounts: [...NETWORK_MOUNTS, ...aptMounts('faults')], commands: [USE_NETWORK, ...aptInstall(packages)] });
    const { name, text, files } = recipe('Dockerfile.compilers', [`FROM ${BASE_IMAGE}`, install], { 'network.sh': networkScript });
    const engine = await connectEngine({ env: process.env });
    try {
      await engine.build({ dockerfile: text, dockerfileName: name, files, tags: [tag], secrets: buildSecrets(network) });
    } finally {
      engine.close();
    }
    return tag;
  }

  /** A base image that no stage has seen. What runs in it or in what is made from it can be told by its environment. */
  async freshBase(from: string): Promise<void> {
    const id = randomBytes(4).toString('hex');
    this.mark = `PYPACKAGE_MOMENT=${id}`;
    this.base = await this.sandbox.image(`fresh-${id}`, `FROM ${from}\nENV ${this.mark}\nCOPY fresh /etc/pypackage-fresh\n`, { fresh: id });
  }

  /** Back to the base image that its stages know. */
  knownBase(): void {
    this.base = BASE_IMAGE;
    this.mark = '';
  }

  async dropBase(): Promise<void> {
    if (this.base !== BASE_IMAGE) await discard(`/images/${this.base}`);
  }

  async edit(): Promise<void> {
    this.count++;
    this.state = `state ${this.count}`;
    const [[path, text]] = [['mini/__init__.py', String(mini()['mini/__init__.py'])]] as const;
    await writeFile(join(this.folder, path), `${text}\n\nSTATE = "${this.state}"\n`);
  }

  /** A run to its end. */
  async complete(): Promise<Ending & { readonly problems: readonly string[] }> {
    const ending = await runToEnd(this.surroundings);
    this.remember(ending);
    this.pace.learn(ending.events, ending.ms);
    if (ending.code !== 0) return { ...ending, problems: [`the run ended with ${ending.code}: ${told(ending)}`] };
    return { ...ending, problems: await this.problemsOfRest() };
  }

  /** A run that is ended at the moment, and what it left: whatever was good, and nothing half-made that anybody would use. */
  async interrupt(moment: Moment, kind: Kind): Promise<Interruption> {
    const before = await this.good();
    const ended = await endAt(this.surroundings, moment, kind === 'killed' ? 'SIGKILL' : 'SIGINT');
    this.remember(ended);
    this.pace.learn(ended.events, ended.part === undefined ? ended.ms : undefined);
    const problems = [
      ...(ended.part !== undefined && kind === 'cancelled' ? await this.problemsOfCancel(ended) : []),
      ...(before ? await this.problemsOfGood(before) : []),
    ];
    return { ...ended, problems };
  }

  /** `clean`, right after a run was killed: whatever that left goes, and all of the project, and nothing else. */
  async clean(): Promise<{ readonly said: string; readonly problems: readonly string[] }> {
    const { args, env } = this.surroundings;
    const { code, stdout, stderr } = await start(['clean', '--yes', ...args], { cwd: this.folder, env }).ended;
    const [left, tags, foreign] = await Promise.all([leftovers(this.project), this.sandbox.tags(), this.foreign?.compare()]);
    const own = tags.filter((tag) => new RegExp(`/${TARGET}-(base|builder|deps|wheels|release):`).test(tag) && !tag.endsWith(':handmade'));
    return {
      said: stdout,
      problems: [
        ...(code === 0 ? [] : [`clean ended with ${code}: ${stdout} ${stderr}`]),
        ...[...left, ...own].map((what) => `left: ${what}`),
        ...(foreign && foreign.before !== foreign.now ? [`somebody else's object was touched:\n${difference(foreign.before, foreign.now)}`] : []),
      ],
    };
  }

  /**
   * A run that stands still, as on a machine that sleeps, before its lease is started; another one takes over meanwhile. Then it goes on.
   * Returns how it ended, and what does not hold after the other.
   */
  async sleepThrough(): Promise<{ readonly ending: Ending; readonly problems: readonly string[] }> {
    const sleeper = new RunningProcess(this.surroundings);
    await sleeper.reach({ part: 'wheels', after: 0 });
    sleeper.signal('SIGSTOP');
    try {
      const other = await runToEnd(this.surroundings);
      this.remember(other);
      sleeper.signal('SIGCONT');
      const ending = await sleeper.ended;
      return { ending, problems: [...(other.code === 0 ? [] : [told(other)]), ...(await this.problemsOfRest())] };
    } finally {
      sleeper.signal('SIGKILL');
    }
  }

  private get project(): Project {
    return {
      namespace: this.sandbox.namespace,
      projectId: this.projectId,
      target: TARGET,
      temporary: this.temporary,
      fingerprints: this.fingerprints,
    };
  }

  private remember({ events }: Ending): void {
    for (const { event } of events) {
      const print = event.type === 'artifact' && event.kind === 'image' ? /:(?:layer-|candidate-)?([0-9a-f]{12})$/.exec(event.name)?.[1] : undefined;
      if (print !== undefined) this.fingerprints.add(print);
    }
  }

  private async problemsOfCancel({ code, took, ...ending }: Ended): Promise<readonly string[]> {
    const began = performance.now();
    const patience = CANCEL_MS * Math.max(1, (loadavg()[0] ?? 0) / cpus().length);
    let left = await this.atWork();
    while (left.length > 0 && performance.now() - began < STILL_MS) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      left = await this.atWork();
    }
    return [
      // Before our own handler is there the signal ends the process by itself, and a shell calls that 130, too.
      ...(code === 130 || (ending.part === 'start' && ending.signal === 'SIGINT')
        ? []
        : [`cancelled, and the exit code is ${code}: ${told({ ...ending, code })}`]),
      ...(took <= patience ? [] : [`cancelled, and it ended only after ${Math.round(took)} ms, of ${Math.round(patience)}`]),
      ...left.map((what) => `cancelled ${STILL_MS / 1000} s ago, and still there: ${what}`),
    ];
  }

  /** Containers of runs and processes in builds. */
  private async atWork(): Promise<readonly string[]> {
    const containers = (await containersWith({ 'io.pypackage.project': this.projectId, 'io.pypackage.target': TARGET })).filter(
      ({ Labels }) => Labels['io.pypackage.run'] !== undefined,
    );
    return [...containers.map(({ Names, State }) => `container ${Names[0]} (${State})`), ...(this.mark === '' ? [] : processesOf(this.mark))];
  }

  /** undefined before there is a release. */
  private async good(): Promise<{ readonly lock: string; readonly tags: ReadonlyMap<string, string>; readonly state: string } | undefined> {
    const tags = await releaseTags(this.sandbox.namespace, TARGET);
    if (!tags.has(this.latest)) return undefined;
    return { tags, lock: await readFile(join(this.exported, 'pylock.toml'), 'utf8'), state: await stateOf(this.latest) };
  }

  private async problemsOfGood(before: {
    readonly lock: string;
    readonly tags: ReadonlyMap<string, string>;
    readonly state: string;
  }): Promise<readonly string[]> {
    const tags = await releaseTags(this.sandbox.namespace, TARGET);
    const isReleased = tags.get(this.latest) !== before.tags.get(this.latest);
    // Once there is a new release an old one of a state that no commit has may go.
    const gone = [...before.tags.keys()].filter((tag) => !tags.has(tag) && !(isReleased && tag.includes(':src-')));
    const incomplete = await Promise.all([...tags.keys()].map(async (tag) => ((await isComplete(tag)) ? [] : [`${tag} is not complete`])));
    const state = tags.has(this.latest) ? await stateOf(this.latest).catch((error: unknown) => String(error)) : 'gone';
    return [
      ...gone.map((tag) => `${tag} is gone`),
      ...incomplete.flat(),
      ...([before.state, this.state].includes(state) ? [] : [`latest says ${state}`]),
      ...(await exportProblems(this.exported)),
    ];
  }

  /** After a run that came to its end, whatever was before it. */
  private async problemsOfRest(): Promise<readonly string[]> {
    // A lease goes a moment after its holder; on a busy machine Podman takes seconds for that.
    let left = await leftovers(this.project);
    for (const end = performance.now() + STILL_MS; left.length > 0 && performance.now() < end; left = await leftovers(this.project)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const state = await stateOf(this.latest).catch((error: unknown) => String(error));
    const many = Object.entries(await generations(this.sandbox.namespace, TARGET)).filter(([, count]) => count > 6);
    const foreign = await this.foreign?.compare();
    return [
      ...left.map((what) => `left: ${what}`),
      ...(this.mark === '' ? [] : processesOf(this.mark).map((what) => `still runs: ${what}`)),
      ...(await exportProblems(this.exported)),
      ...(await exportSurplus(this.exported)).map((file) => `left in the export: ${file}`),
      ...(state === this.state ? [] : [`latest says ${state} and not ${this.state}`]),
      ...many.map(([context, count]) => `${count} names of ${context}`),
      ...(foreign && foreign.before !== foreign.now ? [`somebody else's object was touched:\n${difference(foreign.before, foreign.now)}`] : []),
    ];
  }
}

function told({ events, stderr }: Pick<Ending, 'events' | 'stderr' | 'code'>): string {
  return `${JSON.stringify(events.at(-1)?.event)} ${stderr}`;
}

function difference(before: string, now: string): string {
  const lines = now.split('\n');
  return before
    .split('\n')
    .flatMap((line, i) => (line === lines[i] ? [] : [`  was ${line}`, `  is  ${lines[i]}`]))
    .join('\n');
}
