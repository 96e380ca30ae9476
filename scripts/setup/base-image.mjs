import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, messageIn, request, text } from './engine-client.mjs';
import { distribution, ensurePackages } from './packages.mjs';
import { run, SYSTEM_PATH, which } from './processes.mjs';
import { say, SetupError, step } from './say.mjs';

const OFFICIAL = 'python:3.13-slim-bookworm';
/** Debian's releases and the Python each of them has. */
const PYTHON_OF = { bookworm: '3.11', trixie: '3.13' };
/** Where Debian packages come from. */
export const MIRROR = process.env.PYPACKAGE_DEBIAN_MIRROR ?? 'http://deb.debian.org/debian';

/**
 * A base image on the engine: the one PYPACKAGE_BASE_IMAGE names, the official Python image, or, where no registry
 * answers, a stand-in made from Debian's packages. What the engine has already is taken as it is.
 */
export async function ensureBaseImage(engineUrl, { suite = 'bookworm', signal } = {}) {
  const wanted = process.env.PYPACKAGE_BASE_IMAGE;
  const standIn = `pypackage-standin/python:${PYTHON_OF[suite]}-${suite}`;
  if (wanted && !(await has(engineUrl, wanted)) && !wanted.startsWith('pypackage-standin/')) {
    const why = await pull(engineUrl, wanted, signal);
    if (why !== undefined) throw new SetupError(`PYPACKAGE_BASE_IMAGE is ${wanted}, which could not be pulled: ${why}`);
  }
  for (const reference of wanted ? [wanted] : [OFFICIAL, standIn]) {
    if (!(await has(engineUrl, reference))) continue;
    say(`Base image: ${reference}, which the engine has`);
    return { reference, standIn: reference.startsWith('pypackage-standin/') };
  }
  if (!wanted) {
    const why = await pull(engineUrl, OFFICIAL, signal);
    if (why === undefined) return { reference: OFFICIAL, standIn: false };
    say(`  ${OFFICIAL} could not be pulled: ${why}`);
  }
  const reference = wanted ?? standIn;
  const named = /^pypackage-standin\/python:[\d.]+-([a-z]+)$/.exec(reference)?.[1];
  if (!named || PYTHON_OF[named] === undefined)
    throw new SetupError(
      `${reference} is no stand-in these scripts can make: use one of ${Object.entries(PYTHON_OF)
        .map(([name, version]) => `pypackage-standin/python:${version}-${name}`)
        .join(', ')}`,
    );
  await buildStandIn(engineUrl, reference, named, signal);
  return { reference, standIn: true };
}

async function has(engineUrl, reference) {
  return (await json(engineUrl, 'GET', `/images/${reference}/json`)) !== undefined;
}

/** undefined when the image was pulled, else why not. A registry that has sent nothing for 20 s counts as none. */
async function pull(engineUrl, reference, signal) {
  say(`> Pulling ${reference}`);
  const colon = reference.lastIndexOf(':');
  const [name, tag] = colon > reference.lastIndexOf('/') ? [reference.slice(0, colon), reference.slice(colon + 1)] : [reference, 'latest'];
  const patience = new AbortController();
  let timer = setTimeout(() => patience.abort(), 20_000);
  try {
    const response = await request(engineUrl, 'POST', `/images/create?fromImage=${encodeURIComponent(name)}&tag=${encodeURIComponent(tag)}`, {
      signal: AbortSignal.any([patience.signal, ...(signal ? [signal] : [])]),
    });
    if (response.statusCode >= 400) return messageIn(await text(response));
    let rest = '';
    let problem;
    response.setEncoding('utf8');
    for await (const chunk of response) {
      clearTimeout(timer);
      timer = setTimeout(() => patience.abort(), 60_000);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') problem = JSON.parse(line).error ?? problem;
    }
    return problem;
  } catch (error) {
    return patience.signal.aborted ? 'no registry answers' : error.message;
  } finally {
    clearTimeout(timer);
  }
}

/** Debian's own Python in a minimal root file system, as small as the official slim images: no documentation, manuals, translations. */
async function buildStandIn(engineUrl, reference, suite, signal) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new SetupError(
      'Without an image registry a base image is made from Debian packages, which needs root on Linux. Name one that the engine has with PYPACKAGE_BASE_IMAGE.',
    );
  }
  const needed = [
    ...(which('debootstrap') ? [] : ['debootstrap']),
    ...(existsSync('/usr/share/keyrings/debian-archive-keyring.gpg') ? [] : ['debian-archive-keyring']),
  ];
  if (needed.length > 0) await ensurePackages(needed, 'making a base image');
  const folder = mkdtempSync(join(tmpdir(), 'pypackage-debootstrap-'));
  try {
    await step(`Making ${reference}, a stand-in for the official image, from Debian ${suite}'s packages (debootstrap)`, async () => {
      const script = `/usr/share/debootstrap/scripts/${suite}`;
      const keyring = distribution() === 'debian' ? [] : ['--keyring=/usr/share/keyrings/debian-archive-keyring.gpg'];
      const args = ['--variant=minbase', '--include=python3,python3-venv,python3-pip,ca-certificates', ...keyring, suite, join(folder, 'root'), MIRROR];
      // Older releases of debootstrap lack the newest suites, which are all made alike.
      if (!existsSync(script)) args.push('/usr/share/debootstrap/scripts/sid');
      await run('debootstrap', args, { env: { ...process.env, PATH: SYSTEM_PATH }, signal, explain: 'debootstrap' });
      slim(join(folder, 'root'));
      await importRoot(engineUrl, join(folder, 'root'), reference, signal);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function slim(root) {
  for (const path of [
    'var/lib/apt/lists',
    'var/cache/apt',
    'var/cache/debconf',
    'usr/share/doc',
    'usr/share/locale',
    'usr/share/info',
    'usr/share/lintian',
    'var/log',
    'usr/share/man',
  ]) {
    const folder = join(root, path);
    // The folders themselves stay, as packages that are installed later expect them.
    for (const entry of existsSync(folder) ? readdirSync(folder) : []) rmSync(join(folder, entry), { recursive: true, force: true });
  }
  mkdirSync(join(root, 'var/lib/apt/lists/partial'), { recursive: true });
  mkdirSync(join(root, 'var/cache/apt/archives/partial'), { recursive: true });
  writeFileSync(
    join(root, 'etc/dpkg/dpkg.cfg.d/pypackage-standin'),
    ['path-exclude=/usr/share/doc/*', 'path-exclude=/usr/share/man/*/*', 'path-exclude=/usr/share/locale/*', 'path-exclude=/usr/share/info/*', ''].join('\n'),
  );
}

async function importRoot(engineUrl, root, reference, signal) {
  const [repository, tag] = reference.split(':');
  const changes = ['CMD ["python3"]', 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
  const query = new URLSearchParams([['fromSrc', '-'], ['repo', repository], ['tag', tag], ...changes.map((change) => ['changes', change])]);
  const tar = spawn('tar', ['-C', root, '--numeric-owner', '--one-file-system', '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const packed = new Promise((resolve, reject) => {
    tar.once('error', reject);
    tar.once('close', (code) => (code === 0 ? resolve() : reject(new SetupError(`tar failed (${code})`))));
  });
  const [response] = await Promise.all([request(engineUrl, 'POST', `/images/create?${query}`, { body: tar.stdout, signal }), packed]);
  const answer = await text(response);
  if (response.statusCode >= 400 || answer.includes('"error"')) throw new SetupError(`The engine did not take the base image: ${messageIn(answer)}`);
}
