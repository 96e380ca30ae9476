/** INI as Python's RawConfigParser reads it: https://docs.python.org/3/library/configparser.html#supported-ini-file-structure */

export interface IniEntry {
  readonly section: string;
  readonly name: string;
  /** Lines of one value are joined by line feeds. */
  readonly value: string;
}

export function readIni(text: string): readonly IniEntry[] {
  const entries: { section: string; name: string; value: string }[] = [];
  let section = '';
  let isOpen = false;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const content = line.trim();
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;
    const head = /^\[([^\]]+)\]/.exec(line);
    const last = entries.at(-1);
    if (/^\s/.test(line) && isOpen && last) last.value += `\n${content}`;
    else if (head) {
      section = head[1] ?? '';
      isOpen = false;
    } else {
      const [, name = '', value = ''] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(content) ?? [];
      isOpen = name !== '';
      if (isOpen) entries.push({ section, name, value });
    }
  }
  return entries;
}
