/**
 * Which process of which machine holds something that outlives it: a lease on an engine, a folder for temporary files. So another
 * process of the same machine can tell at once that the holder has ended. Whoever is elsewhere, in another container or on
 * another system than Linux cannot, and has to find out in another way.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** `MACHINE-PID-START`, fit for labels and names of files; undefined where a process cannot be told from a later one with its number. */
export function thisHolder(): string | undefined {
  const machine = thisMachine();
  const started = statOf('self')?.started;
  return machine === undefined || started === undefined ? undefined : `${machine}-${process.pid}-${started}`;
}

/** Whether it is certain that the process has ended. */
export function hasEnded(holder: string | undefined): boolean {
  return lives(holder) === false;
}

/** undefined where that cannot be told from here. */
export function lives(holder: string | undefined): boolean | undefined {
  const [, machine, pid, started] = /^([0-9a-f]{16})-([1-9]\d*)-(\d+)$/.exec(holder ?? '') ?? [];
  if (machine === undefined || machine !== thisMachine()) return undefined;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else, which /proc may hide (proc(5), hidepid).
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
  const stat = statOf(pid ?? '');
  return stat === undefined || (stat.started === started && !stat.isDead);
}

/**
 * Changes with every start of the machine, and is another one in each container: only within one pid namespace does a number
 * stand for a process, and only within one time namespace are their starts counted alike.
 */
function thisMachine(): string | undefined {
  try {
    const parts = [readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'), readlinkSync('/proc/self/ns/pid'), timeNamespace(), hostname()];
    return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
  } catch {
    return undefined;
  }
}

/** Linux has had it since 5.6. */
function timeNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/time');
  } catch {
    return '';
  }
}

/** proc(5), /proc/pid/stat: the name in brackets may hold anything; the state follows it, the start is field 22. */
function statOf(pid: string): { readonly started: string; readonly isDead: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const started = fields[19];
    return started === undefined ? undefined : { started, isDead: ['Z', 'X', 'x'].includes(fields[0] ?? '') };
  } catch {
    return undefined;
  }
}
