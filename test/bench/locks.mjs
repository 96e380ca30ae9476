// The locks that the peers read, made once from the sample's own pyproject.toml, so that all install the same versions.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../scripts/setup/processes.mjs';
import { makeSample } from './sample.mjs';

/** Runs uv in a container: nothing of a project runs on the host. */
export async function makeLocks({ docker, env, ca, sample, work, base }) {
  const folder = join(work, 'sources', 'locks');
  await makeSample(sample, folder);
  const cache = join(work, 'uv');
  mkdirSync(cache, { recursive: true });
  const authority = ca ? ['-v', `${ca}:/run/ca.pem:ro`, '-e', 'PIP_CERT=/run/ca.pem', '-e', 'SSL_CERT_FILE=/run/ca.pem'] : [];
  const script = [
    'python3 -m venv /uv && /uv/bin/pip install -q uv',
    'cd /src && UV_PYTHON_DOWNLOADS=never /uv/bin/uv lock -q',
    '/uv/bin/uv export -q --frozen --no-dev --no-emit-project --format requirements-txt -o requirements.txt',
    '/uv/bin/uv --version',
  ].join(' && ');
  const said = await run(docker.file, ['run', '--rm', ...authority, '-v', `${folder}:/src`, base, 'sh', '-ec', script], { env, explain: 'Making the locks' });
  return {
    uvVersion: /uv (\S+)/.exec(said)?.[1],
    uvLock: readFileSync(join(folder, 'uv.lock'), 'utf8'),
    requirements: readFileSync(join(folder, 'requirements.txt'), 'utf8'),
  };
}
