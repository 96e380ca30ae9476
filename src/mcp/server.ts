/**
 * `pypackage mcp`: three tools for assistants over standard input and output (Model Context Protocol). A bundle of its own: the
 * protocol's library is as large as the rest of the command line, and no other verb needs it.
 */
import { realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type CallToolResult, McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';
import { errorLines, lastRunText, SENTENCES, statusText } from '../assistants/texts.js';
import { PROJECT_ARGUMENT, TOOLS } from '../assistants/tools.js';
import type { Core } from '../core/core.js';
import { type ErrorReport, FRONT_END_ENDS, reportOf, UserError } from '../core/errors.js';
import { harmless, shortened } from '../core/harmless.js';
import { type RunEvent, STAGES } from '../core/pipeline/events.js';
import type { Request } from '../core/request.js';
import { VERSION } from '../core/version.js';

export interface McpParts {
  readonly core: Core;
  /** For the folder that the server was started in: tools work there and below, and nowhere else. */
  readonly request: Request;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly signal: AbortSignal;
}

/** What the client shows while a build is at work. */
interface Report {
  readonly progress: number;
  readonly total?: number;
  readonly message: string;
}

const INSTRUCTIONS =
  'Packages Python projects as wheels and container images. Ask pypackage_status what is stale before a build, and pypackage_last_failure when one failed. Log lines in answers are quotations of what build tools printed.';

/** Resolves when the client has gone, and what it had asked for has been cleaned up. */
export async function serveMcp({ core, request, stdin, stdout, signal }: McpParts): Promise<void> {
  const working = new Set<Promise<unknown>>();
  const end = new AbortController();
  const goes = new Promise<void>((resolve) => {
    const leave = (): void => {
      end.abort(FRONT_END_ENDS);
      resolve();
    };
    // Before the library hears of it, so that a run knows that nobody cancelled it.
    stdin.once('end', leave).once('close', leave);
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
  });

  /** One call of a tool: an answer in text, also where it failed. */
  const answer = (context: ServerContext, project: string | undefined, work: (request: Request, signal: AbortSignal) => Promise<CallToolResult>) => {
    const signal = AbortSignal.any([end.signal, context.mcpReq.signal]);
    const done = folderOf(request.folder, project)
      .then((folder) => work({ ...request, folder }, signal))
      .catch((error: unknown) => failed(errorLines(reportOf(error)).join('\n')));
    working.add(done);
    return done.finally(() => working.delete(done));
  };

  const input = z.object({ project: z.string().optional().describe(PROJECT_ARGUMENT) });
  const make = (): McpServer => {
    const server = new McpServer({ name: 'pypackage', title: 'PyPackage Docker', version: VERSION }, { instructions: INSTRUCTIONS });
    server.registerTool(
      'pypackage_status',
      { ...TOOLS.status, inputSchema: input, annotations: { readOnlyHint: true, openWorldHint: false } },
      ({ project }, context) => answer(context, project, async (request, signal) => told(statusText(await core.status(request, signal), Date.now()))),
    );
    server.registerTool(
      'pypackage_last_failure',
      { ...TOOLS.lastFailure, inputSchema: input, annotations: { readOnlyHint: true, openWorldHint: false } },
      ({ project }, context) => answer(context, project, async (request) => told(lastRunText(await core.lastRun(request), Date.now()))),
    );
    server.registerTool(
      'pypackage_build',
      {
        ...TOOLS.build,
        inputSchema: input,
        // It adds images and moves tags; nothing of the project's changes, and nothing of a person's is removed. Packages come from an index.
        annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
      },
      ({ project }, context) => answer(context, project, (request, signal) => build(core, request, reporterOf(context), signal)),
    );
    return server;
  };

  const handle = serveStdio(make, { transport: new StdioServerTransport(stdin, stdout) });
  await goes;
  await Promise.allSettled(working);
  await handle.close();
}

async function build(core: Core, request: Request, report: ((report: Report) => void) | undefined, signal: AbortSignal): Promise<CallToolResult> {
  let run = '';
  let error: ErrorReport | undefined;
  const progress = new BuildProgress();
  const { outcome } = await core.run(
    { ...request, verb: 'all', stages: [...STAGES] },
    (event) => {
      run = event.run;
      if (event.type === 'run.finished' && event.error) error = event.error;
      const next = progress.after(event);
      if (next) report?.(next);
    },
    signal,
  );
  const last = await core.lastRun(request);
  // A record that could not be written, or of another run meanwhile.
  const text = last?.record.run === run ? lastRunText(last, Date.now()) : SENTENCES.ended(outcome, error);
  return outcome === 'done' ? told(text) : failed(text);
}

/** From a run's events to what a client draws: stages that are behind, of those that there are. Grows only, as the protocol wants it. */
class BuildProgress {
  private total = 0;
  private behind = 0;
  private sent = 0;

  after(event: RunEvent): Report | undefined {
    switch (event.type) {
      case 'run.started':
        this.total = event.stages.length;
        return undefined;
      case 'stage.started':
        return this.report(0.1, `${event.stage}: ${event.reason}`);
      case 'stage.skipped':
      case 'stage.finished':
        this.behind += 1;
        return this.report(0, `${event.stage}: ${event.type === 'stage.skipped' ? event.reason : event.summary}`);
      case 'step':
        return event.state === 'started' ? this.report(0.1, `${event.stage}: ${event.name}`) : undefined;
      case 'log':
      case 'progress':
      case 'artifact':
      case 'stage.failed':
      case 'run.finished':
        return undefined;
      default:
        return event satisfies never;
    }
  }

  private report(part: number, message: string): Report {
    // Steps of a stage are not known beforehand: each comes nearer to its end, and none reaches it.
    const wanted = this.behind + part;
    this.sent = wanted > this.sent ? wanted : this.sent + (this.behind + 1 - this.sent) * 0.1;
    return { progress: this.sent, ...(this.total > 0 && { total: this.total }), message: shortened(harmless(message), 200) };
  }
}

/** undefined: the client did not ask for it. */
function reporterOf({ mcpReq }: ServerContext): ((report: Report) => void) | undefined {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  // A client that has gone gets nothing, and that it has gone is found out elsewhere.
  return (report) => void mcpReq.notify({ method: 'notifications/progress', params: { progressToken, ...report } }).catch(() => undefined);
}

/** @throws UserError where it does not lie below the folder that the person started the server for */
async function folderOf(top: string, project: string | undefined): Promise<string> {
  if (project === undefined || project === '') return top;
  const folder = resolve(top, project);
  const [realTop, real] = await Promise.all([realpath(top), realpath(folder).catch(() => undefined)]);
  if (real === undefined) throw new UserError({ kind: 'project', code: 'no-folder', message: `There is no folder ${folder}` });
  const below = relative(realTop, real);
  if (below === '..' || below.startsWith(`..${sep}`) || resolve(realTop, below) !== real) {
    throw new UserError({
      kind: 'project',
      code: 'folder-outside',
      message: `${folder} is not below ${top}, which is where this server works`,
      fix: 'Start another one there: pypackage mcp --project DIR',
    });
  }
  return real;
}

const told = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] });
const failed = (text: string): CallToolResult => ({ content: [{ type: 'text', text }], isError: true });
