/** Events as the core sends them, for tests that draw them. */
import type { EventBody, RunEvent } from '../../../src/core/pipeline/events.js';
import type { StatusDocument } from '../../../src/core/request.js';

export function eventsOf(...bodies: readonly EventBody[]): RunEvent[] {
  return bodies.map((body, index) => ({ v: 1, run: '20261123-120455-7f3a', seq: index + 1, time: '2026-11-23T12:04:55.000Z', target: 'polls', ...body }));
}

export const RUN_STARTED: EventBody = {
  type: 'run.started',
  project: { name: 'polls', version: '1.4.0', root: '/home/me/polls' },
  python: '3.13',
  engine: 'Docker 28.5 (default socket)',
  stages: ['base', 'builder', 'wheels', 'release'],
  facts: ['14 dependencies from uv.lock'],
  log: '/home/me/logs/polls.log',
};

export const RELEASE = {
  name: 'polls',
  version: '1.4.0',
  image: 'local/polls-release',
  tags: ['1.4.0', 'a1b2c3d', 'latest'],
  imageId: 'sha256:1',
  size: 168_000_000,
  command: ['gunicorn'],
  serves: true,
} as const;

export const FAILURE = {
  kind: 'stage',
  code: 'compile-missing-file',
  message: 'mysqlclient 2.2.7 does not compile: mysql.h is missing',
  where: { file: 'pyproject.toml', line: 12 },
  why: "the builder image lacks Debian's default-libmysqlclient-dev",
  fix: 'pypackage doctor tells more',
} as const;

export const STATUS: StatusDocument = {
  v: 1,
  project: { name: 'polls', version: '1.4.0', root: '/home/me/polls', id: 'polls-12345678' },
  target: 'polls',
  python: { version: '3.13', reason: 'default' },
  baseImage: { reference: 'python:3.13', source: 'detected' },
  engine: { product: 'Docker', version: '28.5', url: 'unix:///var/run/docker.sock', source: 'default socket' },
  stages: [
    { stage: 'base', state: 'up to date', reason: '' },
    { stage: 'wheels', state: 'stale', reason: 'polls/views.py changed' },
    { stage: 'release', state: 'never run', reason: 'never run' },
  ],
  services: [],
};
