import type { Check, DoctorDocument } from '../core/request.js';
import { inEditorWords } from './editor-words.js';
import { escapeMarkdown } from './status-text.js';

const SIGNS: Readonly<Record<Check['state'], string>> = { ok: '✓', warning: '!', missing: '✗' };

/** Markdown. */
export function doctorText({ version, engine, tried, checks }: DoctorDocument): string {
  const lines = ['# PyPackage Doctor', '', `PyPackage ${version}`, '', '## Engine', ''];
  if (engine) {
    lines.push(
      `**${escapeMarkdown(`${engine.product} ${engine.version}`)}** at \`${engine.url}\`, chosen by ${escapeMarkdown(engine.source)}`,
      '',
      `API ${engine.apiVersion} · ${engine.platform} · ${engine.buildkit ? 'BuildKit is there' : 'no BuildKit'}`,
    );
  } else {
    lines.push('**No engine answers.**');
  }
  lines.push('', '### What was tried', '', '| Where | Why there | What it answered |', '| --- | --- | --- |');
  for (const { url, source, answer } of tried) lines.push(`| \`${url}\` | ${escapeMarkdown(source)} | ${escapeMarkdown(answer)} |`);
  lines.push('', '## Checks', '');
  for (const { name, state, text, fix } of checks) {
    lines.push(
      `- ${SIGNS[state]} **${escapeMarkdown(name)}**: ${escapeMarkdown(text)}${fix === undefined ? '' : `  \n  Next step: ${escapeMarkdown(inEditorWords(fix))}`}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
