/**
 * Which lines of a Dockerfile a step stands for. The engine says it only by the step's name, `[stage 2/5] RUN …`:
 * the number counts RUN, COPY, ADD and WORKDIR of that stage, and its FROM where that is neither scratch nor another
 * stage (moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go, prefixCommand). The total tells which; ONBUILD
 * steps of the base image make it fit neither, and then nothing is said.
 */
import type { LineRange } from './status.js';

interface Instruction extends LineRange {
  readonly word: string;
  readonly text: string;
}

const COUNTED = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

export function linesOfStep(dockerfile: string, stepName: string): LineRange | undefined {
  const match = /^\[(?:(?:[^\]]* )?([^\]\s]+) +)?\s*(\d+)\/(\d+)\] (\w+)/.exec(stepName);
  if (!match) return undefined;
  const [, label, index, total, word] = match;
  const stage = label?.includes('/') ? undefined : label; // a platform stands there too when one is given
  const stages = splitStages(instructions(dockerfile));
  const found = stage === undefined ? stages[0] : stages.find((s, i) => s.name === stage || `stage-${i}` === stage);
  if (!found) return undefined;
  const counted = [[found.from, ...found.steps], found.steps].find((list) => list.length === Number(total));
  const instruction = counted?.[Number(index) - 1];
  if (instruction === undefined || instruction.word !== word?.toUpperCase()) return undefined;
  return { start: instruction.start, end: instruction.end };
}

interface Stage {
  readonly name: string;
  readonly from: Instruction;
  readonly steps: Instruction[];
}

function splitStages(all: readonly Instruction[]): Stage[] {
  const stages: Stage[] = [];
  for (const instruction of all) {
    if (instruction.word === 'FROM') {
      const name = /\sAS\s+(\S+)\s*$/i.exec(instruction.text)?.[1] ?? '';
      stages.push({ name: name.toLowerCase(), from: instruction, steps: [] });
    } else if (COUNTED.has(instruction.word)) stages.at(-1)?.steps.push(instruction);
  }
  return stages;
}

/** Continuation lines, comments and here-documents; parser directives other than `escape` change nothing here. */
function instructions(dockerfile: string): Instruction[] {
  const lines = dockerfile.split(/\r?\n/);
  const escape = /^#\s*escape\s*=\s*`/im.test(lines.slice(0, 3).join('\n')) ? '`' : '\\';
  const found: Instruction[] = [];
  for (let i = 0; i < lines.length; i++) {
    const start = i;
    if (isBlank(lines[i])) continue;
    let text = (lines[i] ?? '').trim();
    while (text.endsWith(escape) && i + 1 < lines.length) {
      i += 1;
      if (!isBlank(lines[i])) text = `${text.slice(0, -1)} ${(lines[i] ?? '').trim()}`;
    }
    for (const [, word] of text.matchAll(/<<-?["']?([A-Za-z_]\w*)["']?/g)) {
      const end = lines.findIndex((line, at) => at > i && line.trim() === word);
      if (end > 0) i = end;
    }
    found.push({ word: (/^\w+/.exec(text)?.[0] ?? '').toUpperCase(), text, start: start + 1, end: i + 1 });
  }
  return found;
}

function isBlank(line: string | undefined): boolean {
  return /^\s*(#|$)/.test(line ?? '');
}
