/** Answers the extension host's calls with a core; one call of this per thread. */
import { CancelledError, FRONT_END_ENDS, reportOf, throwIfAborted } from '../core/errors.js';
import type { Core } from '../core/core.js';
import { shortened } from '../core/harmless.js';
import type { ObjectChange } from '../core/objects/object-rows.js';
import type { RunEvent } from '../core/pipeline/events.js';
import { type Call, type Calls, type Method, type OutputLine, parseHostMessage, type WorkerMessage } from '../protocol/worker.js';
import { Outbox } from './outbox.js';
import { RemoteTerminal } from './remote-terminal.js';

/** The part of a MessagePort that is used here. */
export interface Port {
  postMessage(message: WorkerMessage): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  close(): void;
}

interface Pending {
  readonly abort: AbortController;
  readonly output: Output;
}

export function serve(port: Port, core: Core, env: Readonly<Record<string, string | undefined>>): void {
  const pending = new Map<number, Pending>();
  let closing = false;

  const closeWhenIdle = (): void => {
    if (!closing || pending.size > 0) return;
    core.close();
    port.close();
  };

  const answer = async (id: number, call: Call): Promise<void> => {
    const abort = new AbortController();
    const output = outputOf(id, call, port);
    pending.set(id, { abort, output });
    try {
      const value = await perform(core, call, env, output, abort.signal);
      output.end();
      port.postMessage({ type: 'reply', id, value });
    } catch (error) {
      output.end();
      // Whatever a cancelled call died of, it died of the cancel.
      port.postMessage({ type: 'failure', id, error: reportOf(abort.signal.aborted ? new CancelledError() : error) });
    } finally {
      pending.delete(id);
      closeWhenIdle();
    }
  };

  port.on('message', (raw) => {
    const message = parseHostMessage(raw);
    switch (message.type) {
      case 'call':
        void answer(message.id, message.call);
        return;
      case 'cancel':
        pending.get(message.id)?.abort.abort(message.ends === true ? FRONT_END_ENDS : undefined);
        return;
      case 'ack':
        pending.get(message.id)?.output.acknowledge();
        return;
      case 'input':
        pending.get(message.id)?.output.terminal?.type(message.data);
        return;
      case 'resize':
        pending.get(message.id)?.output.terminal?.resize(message);
        return;
      case 'close':
        closing = true;
        closeWhenIdle();
        return;
      default:
        message satisfies never;
    }
  });
}

interface Output {
  readonly event: (event: RunEvent) => void;
  readonly line: (stream: OutputLine['stream'], text: string) => void;
  readonly change: (change: ObjectChange) => void;
  /** Of a call that has one. */
  readonly terminal: RemoteTerminal | undefined;
  readonly acknowledge: () => void;
  readonly end: () => void;
}

/** Characters of a line of output. */
const LONGEST_LINE = 4000;

const leftOutText = (count: number): string => `${count.toLocaleString('en')} lines are left out here; the log file has them`;

/** A call sends events, changes, lines or bytes, never two of them; the acknowledgement goes to whichever it is. */
function outputOf(id: number, call: Call, port: Port): Output {
  const events = new Outbox<RunEvent>({
    send: (items) => port.postMessage({ type: 'events', id, events: items }),
    lineLength: (event) => (event.type === 'log' && event.stream !== 'note' ? event.text.length : undefined),
    replaces: (event, before) => event.type === 'progress' && before.type === 'progress',
    leftOut: (last, count) => (last.type === 'log' ? { ...last, stream: 'note', text: leftOutText(count) } : last),
  });
  const lines = new Outbox<OutputLine>({
    send: (items) => port.postMessage({ type: 'lines', id, lines: items }),
    lineLength: ({ text }) => text.length,
    leftOut: (last, count) => ({ ...last, text: leftOutText(count) }),
  });
  const changes = new Outbox<ObjectChange>({
    send: (items) => port.postMessage({ type: 'changes', id, changes: items }),
    lineLength: () => undefined,
    leftOut: (last) => last,
  });
  const terminal = 'columns' in call.params ? new RemoteTerminal(call.params, (bytes) => port.postMessage({ type: 'bytes', id, bytes })) : undefined;
  return {
    terminal,
    event: (event) => events.add(event.type === 'log' ? { ...event, text: shortened(event.text, LONGEST_LINE) } : event),
    line: (stream, text) => lines.add({ stream, text: shortened(text, LONGEST_LINE) }),
    change: (change) => changes.add(change),
    acknowledge: () => {
      events.acknowledge();
      lines.acknowledge();
      changes.acknowledge();
      terminal?.acknowledge();
    },
    end: () => {
      events.end();
      lines.end();
      changes.end();
    },
  };
}

function perform(
  core: Core,
  call: Call,
  env: Readonly<Record<string, string | undefined>>,
  output: Output,
  signal: AbortSignal,
): Promise<Calls[Method]['value']> {
  throwIfAborted(signal);
  switch (call.method) {
    case 'describe':
      return core.describe(call.params.folder);
    case 'projects':
      return core.projects(call.params.folder);
    case 'owner':
      return core.owner({ ...call.params, env });
    case 'run':
      return core.run({ ...call.params, by: 'editor', env }, output.event, signal);
    case 'status':
      return core.status({ ...call.params, env }, signal);
    case 'lastRun':
      return core.lastRun({ ...call.params, env });
    case 'doctor':
      return core.doctor({ ...call.params, env }, signal);
    case 'engines':
      return core.engines({ ...call.params, env }, signal);
    case 'askEngine':
      return core.askEngine({ ...call.params, env }, signal);
    case 'dockerfile':
      return core.dockerfile({ ...call.params, env }, call.params.image, signal);
    case 'start':
      return core.start({ ...call.params, env }, output.line, signal);
    case 'stop':
      return core.stop({ ...call.params, env }, signal);
    case 'followLogs':
      return core.followLogs({ ...call.params, env }, output.line, (text) => output.line('note', text), signal).then(() => null);
    case 'shell':
      return onTerminal(output, (terminal) => core.shell({ ...call.params, env }, terminal, signal));
    case 'wheels':
      return core.wheels({ ...call.params, env });
    case 'readWheel':
      return core.readWheel(call.params, signal);
    case 'verifyWheel':
      return core.verifyWheel(call.params, signal);
    case 'deleteWheels':
      return core.deleteWheels({ ...call.params, env });
    case 'redact':
      return core.redact({ ...call.params, env });
    case 'fix':
      return core.fix({ ...call.params, env }, signal);
    case 'imageContents':
      return core.imageContents({ ...call.params, env }, signal);
    case 'imagePackages':
      return core.imagePackages({ ...call.params, env }, signal);
    case 'compareImages':
      return core.compareImages({ ...call.params, env }, signal);
    case 'previewRemoval':
      return core.previewRemoval({ ...call.params, env }, signal);
    case 'removeImages':
      return core.removeImages({ ...call.params, env }, signal);
    case 'tagImage':
      return core.tagImage({ ...call.params, env }, signal);
    case 'pushImage':
      return core.pushImage({ ...call.params, env }, (text) => output.line('note', text), signal).then(() => null);
    case 'watchObjects':
      return core.watchObjects({ ...call.params, env }, output.change, signal);
    case 'lookAtContainers':
      return core.lookAtContainers({ ...call.params, env }, signal);
    case 'containerAction':
      return core.containerAction({ ...call.params, env }, signal);
    case 'followContainer':
      return core.followContainer({ ...call.params, env }, output.line, (text) => output.line('note', text), signal).then(() => null);
    case 'execInContainer':
      return onTerminal(output, (terminal) => core.execInContainer({ ...call.params, env }, terminal, signal));
    case 'runImage':
      return onTerminal(output, (terminal) => core.runImage({ ...call.params, env }, terminal, signal));
    case 'inspectObject':
      return core.inspectObject({ ...call.params, env }, signal);
    default:
      return call satisfies never;
  }
}

async function onTerminal({ terminal }: Output, work: (terminal: RemoteTerminal) => Promise<number>): Promise<number> {
  if (!terminal) throw new Error('a call with a size has a terminal');
  const code = await work(terminal);
  await terminal.finish();
  return code;
}
