/** The scripts' promise: what they start ends, whatever happens. Each case is a process of its own, as signals are. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const SETUP = pathToFileURL(join(import.meta.dirname, '../../../scripts/setup')).href;
const HEAD = `
import { session } from '${SETUP}/session.mjs';
import { say, SetupError } from '${SETUP}/say.mjs';
import { run, show } from '${SETUP}/processes.mjs';
`;

function start(code: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', HEAD + code], { stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    child,
    ended: Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(([out, err, [exit]]) => ({ out, err, exit: exit as unknown })),
  };
}

describe('a session', () => {
  it('ends what was started last first, and passes the exit code on', async () => {
    const { ended } = start(`await session(async ({ defer }) => { defer(() => say('engine')); defer(() => say('release')); say('work'); return 4; });`);
    expect(await ended).toEqual({ out: 'work\nrelease\nengine\n', err: '', exit: 4 });
  });

  it('ends what was started after a failure, which is told without a stack', async () => {
    const { ended } = start(`await session(async ({ defer }) => { defer(() => say('ended')); throw new SetupError('Install make.'); });`);
    expect(await ended).toEqual({ out: 'ended\n', err: '\nInstall make.\n', exit: 1 });
  });

  it('shows the stack of what is a defect', async () => {
    const { err, exit } = await start(`await session(async () => { undefined.x; });`).ended;
    expect(err).toContain('TypeError');
    expect(err).toContain('    at ');
    expect(exit).toBe(1);
  });

  it('goes on ending things when one of them fails', async () => {
    const { ended } = start(`await session(async ({ defer }) => { defer(() => say('engine')); defer(() => { throw new Error('gone'); }); });`);
    expect(await ended).toEqual({ out: 'engine\n', err: 'While stopping: gone\n', exit: 1 });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends what was started at %s', async (signal, code) => {
    const { child, ended } = start(`await session(async ({ defer, signal }) => {
      defer(() => say('ended'));
      say('works');
      await run('sleep', ['60'], { signal });
    });`);
    await once(child.stdout, 'data');
    child.kill(signal);
    const { out, err, exit } = await ended;
    expect(out).toContain('ended\n');
    expect({ err, exit }).toEqual({ err: '', exit: code });
  });
});

describe('a command', () => {
  it('that fails is told by its last lines', async () => {
    const { err } = await start(`await session(async () => { await run('sh', ['-c', 'seq 40; echo broken >&2; exit 3'], { explain: 'make' }); });`).ended;
    expect(err).toContain('make failed (3).');
    expect(err).toContain('  | broken\n');
    expect(err).not.toContain('  | 20\n');
  });

  it('that is not there is told by its name', async () => {
    const { err } = await start(`await session(async () => { await run('pypackage-no-such-command', []); });`).ended;
    expect(err).toContain('pypackage-no-such-command could not be started');
  });

  it('on this terminal passes on how it ended', async () => {
    const { out } = await start(`await session(async () => { say(await show('sh', ['-c', 'exit 7'])); say(await show('sh', ['-c', 'kill -TERM $$'])); });`)
      .ended;
    expect(out).toBe('7\n143\n');
  });
});
