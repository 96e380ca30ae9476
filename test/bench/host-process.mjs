// A process that lives on, as the extension host does: the client and the worker of the bundles, driven over IPC. It answers each
// run with how its memory grew (the worker is a thread of it) and how late its own event loop was.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';

/** Milliseconds. */
const SAMPLE_EVERY = 10;

const [dist] = process.argv.slice(2);
const { CoreClient, THREAD } = createRequire(import.meta.url)(join(dist, 'core-client.js'));
const client = new CoreClient(new Worker(join(dist, 'worker.js'), THREAD), () => process.exit(1));

process.on('message', async (call) => process.send(await measured(call)));

async function measured(call) {
  const delay = monitorEventLoopDelay({ resolution: SAMPLE_EVERY });
  const before = process.memoryUsage.rss();
  let peak = before;
  let lines = 0;
  const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), SAMPLE_EVERY);
  delay.enable();
  const began = performance.now();
  const answer = await client.call(call, { onEvents: (events) => (lines += events.filter(({ type }) => type === 'log').length) });
  const ms = performance.now() - began;
  delay.disable();
  clearInterval(sampling);
  return { answer, grown: peak - before, peak, lines, ms, delay: { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 } };
}
