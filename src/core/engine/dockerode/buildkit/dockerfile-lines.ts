/**
 * Which lines of a Dockerfile a step stands for. The engine says it only by the step's name, `[stage 2/5] RUN …`:
 * the number counts RUN, COPY, ADD and WORKDIR of that stage, and its FROM where that is neither scratch nor another
 * stage (moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go, prefixCommand). The total tells which; ONBUILD
 * steps of the base image make it fit neither, and then nothing is said.
 */
import { instructions } from '../dockerfile-instructions.js';
import type { Instruction } from '../dockerfile-instructions.js';
import type { LineRange } from './status.js';

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
