import * as l10n from '@vscode/l10n';
import type { Check, DoctorDocument } from '../core/request.js';
import { inEditorWords } from './editor-words.js';
import { escapeMarkdown } from './status-text.js';

const SIGNS: Readonly<Record<Check['state'], string>> = { ok: '✓', warning: '!', missing: '✗' };

/** Markdown. */
export function doctorText({ version, engine, tried, why, checks }: DoctorDocument): string {
  const lines = [`# ${l10n.t('PyPackage Doctor')}`, '', `PyPackage ${version}`, '', `## ${l10n.t('Engine')}`, ''];
  if (engine) {
    lines.push(
      l10n.t(
        '{0} at {1} ({2}), chosen because {3}',
        `**${escapeMarkdown(`${engine.product} ${engine.version}`)}**`,
        `\`${engine.url}\``,
        escapeMarkdown(engine.source),
        escapeMarkdown(why),
      ),
      '',
      `API ${engine.apiVersion} · ${engine.platform} · ${engine.buildkit ? l10n.t('BuildKit is there') : l10n.t('no BuildKit')}`,
    );
  } else {
    lines.push(`**${l10n.t('No engine answers.')}**`);
  }
  const head = [l10n.t('Where'), l10n.t('Why there'), l10n.t('What it answered')];
  lines.push('', `### ${l10n.t('What was tried')}`, '', `| ${head.join(' | ')} |`, '| --- | --- | --- |');
  for (const { url, source, answer, state, fix, chosen } of tried) {
    const more = chosen ? ` (${l10n.t('chosen')})` : state === 'trouble' && fix !== undefined ? `. ${l10n.t('Next step: {0}', inEditorWords(fix))}` : '';
    lines.push(`| \`${url}\` | ${escapeMarkdown(source)} | ${escapeMarkdown(`${answer}${more}`)} |`);
  }
  lines.push('', `## ${l10n.t('Checks')}`, '');
  for (const { name, state, text, fix } of checks) {
    lines.push(
      `- ${SIGNS[state]} **${escapeMarkdown(name)}**: ${escapeMarkdown(text)}${fix === undefined ? '' : `  \n  ${l10n.t('Next step: {0}', escapeMarkdown(inEditorWords(fix)))}`}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
