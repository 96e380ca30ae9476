/** Entry of the worker thread: the core, with everything of the engine, away from the extension host's event loop. */
import { parentPort } from 'node:worker_threads';
import { createCore } from '../core/create-core.js';
import { serve } from './serve.js';

if (parentPort === null) throw new Error('dist/worker.js runs as a worker thread of the extension');
serve(parentPort, createCore(), process.env);
