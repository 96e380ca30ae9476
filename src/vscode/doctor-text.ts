import type { Check, DoctorDocument } from '../core/request.js';
import { inEditorWords } from './editor-words.js';
import { escapeMarkdown } from './status-text.js';

const SIGNS: Readonly<Record<Check['state'], string>> = { ok: '✓', warning: '!', missing: '✗' };

/** Markdown. */
export function doctorText({ version, engine, tried, why, checks }: DoctorDocument): string {
  const lines = ['# PyPackage Doctor', '', `PyPackage ${version}`, '', '## Engine', ''];
  if (engine) {
    lines.push(
      `**${escapeMarkdown(`${engine.product} ${engine.version}`)}** at \`${engine.url}\` (${escapeMarkdown(engine.source)}), chosen because ${escapeMarkdown(why)}`,
      '',
      `API ${engine.apiVersion} · ${engine.platform} · ${engine.buildkit ? 'BuildKit is there' : 'no BuildKit'}`,
    );
  } else {
    lines.push('**No engine answers.**');
  }
  lines.push('', '### What was tried', '', '| Where | Why there | What it answered |', '| --- | --- | --- |');
  for (const { url, source, answer, state, fix, chosen } of tried) {
    const more = chosen ? ' (chosen)' : state === 'trouble' && fix !== undefined ? `. Next step: ${inEditorWords(fix)}` : '';
    lines.push(`| \`${url}\` | ${escapeMarkdown(source)} | ${escapeMarkdown(`${answer}${more}`)} |`);
  }
  lines.push('', '## Checks', '');
  for (const { name, state, text, fix } of checks) {
    lines.push(
      `- ${SIGNS[state]} **${escapeMarkdown(name)}**: ${escapeMarkdown(text)}${fix === undefined ? '' : `  \n  Next step: ${escapeMarkdown(inEditorWords(fix))}`}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
