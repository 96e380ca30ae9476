// What is compared: each peer knows how to go from sources to a release image, as its users do, and answers in milliseconds.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../../scripts/setup/say.mjs';
import { bestPractice, original, uv } from './dockerfiles.mjs';
import { edit, makeSample } from './sample.mjs';

/** Runs a command to its end; milliseconds of wall clock, and what it printed. */
export function timed(command, args, { cwd, env, signal } = {}) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    const out = [];
    const all = [];
    child.stdout.on('data', (chunk) => {
      out.push(chunk);
      all.push(chunk);
    });
    child.stderr.on('data', (chunk) => all.push(chunk));
    child.once('error', reject);
    let ms = 0;
    child.once('exit', () => (ms = performance.now() - began));
    child.once('close', (code) => {
      if (code === 0) return resolve({ ms, stdout: Buffer.concat(out).toString() });
      reject(
        new SetupError(`${command} ${args.slice(0, 3).join(' ')} … failed (${code}):\n${Buffer.concat(all).toString().split('\n').slice(-25).join('\n')}`),
      );
    });
  });
}

/** Hands proxies to builds, as Docker's own configuration would. */
function proxies(env) {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  return names.flatMap((name) => (env[name] ? ['--build-arg', `${name}=${env[name]}`] : []));
}

function dockerBuild(context, peer) {
  const { docker, env, ca, work, signal } = context;
  const file = join(work, `Dockerfile.${peer.name}`);
  return async (text, tag, folder) => {
    writeFileSync(file, text);
    const secret = ca ? ['--secret', `id=ca,src=${ca}`] : [];
    return (await timed(docker.file, ['build', ...proxies(env), ...secret, '-f', file, '-t', tag, folder], { env: { ...env, DOCKER_BUILDKIT: '1' }, signal }))
      .ms;
  };
}

/** One Dockerfile, one `docker build`. */
class DockerfilePeer {
  constructor(context, { name, title, recipe, files }) {
    Object.assign(this, { context, name, title, recipe, files });
    this.folder = join(context.work, 'sources', name);
    this.build = dockerBuild(context, this);
  }

  prepare() {
    return makeSample(this.context.sample, this.folder, this.files);
  }

  start(round) {
    this.round = round;
    return this.again();
  }

  again() {
    return this.build(
      this.recipe({ ...this.round, id: `${this.round.id}-${this.name}`, ca: this.context.ca, uvVersion: this.context.uvVersion }),
      `${this.context.prefix}/${this.name}`,
      this.folder,
    );
  }

  edit(round) {
    edit(this.folder, this.name, round);
    return this.again();
  }
}

/** `make image` twice, then `make build release` for each new release. */
class OriginalPeer {
  name = 'original';
  title = 'the original: builder container, wheels added to the release';

  constructor(context) {
    this.context = context;
    this.folder = join(context.work, 'sources', this.name);
    this.build = dockerBuild(context, this);
  }

  async prepare() {
    await makeSample(this.context.sample, this.folder);
    // It had none: the whole folder was the build context, and it has to hold target/.
    rmSync(join(this.folder, '.dockerignore'));
    this.empty = join(this.context.work, 'empty');
    mkdirSync(this.empty, { recursive: true });
  }

  async start({ base: from, id: round }) {
    const { prefix, ca } = this.context;
    const id = `${round}-${this.name}`;
    this.volume = `${prefix}-cache-${round}`;
    this.context.volumes.add(this.volume);
    const base = await this.build(original.base({ base: from, id }), `${prefix}/original-base`, this.empty);
    const builder = await this.build(original.builder({ base: `${prefix}/original-base`, id, ca }), `${prefix}/original-builder`, this.empty);
    return base + builder + (await this.again());
  }

  async again() {
    const { prefix, docker, env, ca, signal } = this.context;
    const authority = ca ? ['-v', `${ca}:/run/ca.pem:ro`, '-e', 'PIP_CERT=/run/ca.pem'] : [];
    const mounts = ['-v', `${this.volume}:/cache`, '-v', `${this.folder}:/application`, '-v', `${join(this.folder, 'target')}:/wheelhouse`];
    const wheels = await timed(docker.file, ['run', '--rm', ...authority, ...mounts, `${prefix}/original-builder`], { env, signal });
    return wheels.ms + (await this.build(original.release({ base: `${prefix}/original-base` }), `${prefix}/original-release`, this.folder));
  }

  edit(round) {
    edit(this.folder, this.name, round);
    return this.again();
  }
}

/** `pypackage all`, a new process each time. */
class CommandLine {
  name = 'pypackage';
  title = 'pypackage all';

  constructor(context) {
    this.context = context;
    this.folder = join(context.work, 'sources', this.name);
  }

  prepare() {
    return makeSample(this.context.sample, this.folder);
  }

  start(round) {
    this.base = round.base;
    return this.run(true);
  }

  again() {
    return this.run(false);
  }

  edit(round) {
    edit(this.folder, this.name, round);
    return this.run(true);
  }

  async run(expected) {
    const { node, cli, prefix, env, signal } = this.context;
    const args = [cli, 'all', '--project', this.folder, '--base-image', this.base, '--namespace', prefix, '--json'];
    const { ms, stdout } = await timed(node, args, { env, signal });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const last = events.at(-1);
    if (last.outcome !== 'done' || last.changed !== expected)
      throw new SetupError(`pypackage all: ${last.outcome}, changed ${last.changed}, where ${expected} was expected`);
    for (const event of events) if (event.type === 'artifact' && event.kind === 'image') this.context.images.set(event.name, event.digest);
    return ms;
  }
}

export function peersOf(context) {
  const { uvLock, requirements } = context;
  return [
    new DockerfilePeer(context, {
      name: 'best-practice',
      title: 'docker build, best-practice Dockerfile',
      recipe: bestPractice,
      files: { 'requirements.txt': requirements },
    }),
    new DockerfilePeer(context, { name: 'uv', title: "docker build, Dockerfile of uv's documentation", recipe: uv, files: { 'uv.lock': uvLock } }),
    new OriginalPeer(context),
    new CommandLine(context),
  ];
}
