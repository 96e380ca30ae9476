/** A server of another program that a test starts for itself, on this machine only. */
import { spawn } from 'node:child_process';
import { until } from '../engine/engine/harness.js';

/** Starts it and waits until it answers. Returns what ends it. */
export async function startServer(
  program: string,
  args: readonly string[],
  { name, answers }: { readonly name: string; readonly answers: () => boolean | Promise<boolean> },
): Promise<() => Promise<void>> {
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
  const ended = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  await until(() => {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${log}`);
    return answers();
  }, `${name} answers`);
  return async () => {
    child.kill();
    await ended;
  };
}
