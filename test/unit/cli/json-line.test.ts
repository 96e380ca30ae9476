import { expect, test } from 'vitest';
import { jsonLine } from '../../../src/cli/json-line.js';

test('is one line of JSON for whoever splits it, and holds nothing that a terminal obeys', () => {
  const text = 'a\r\n\u0000\u001b]0;t\u0007\u0085\u009b2J\u007f\u2028\u2029\ufeff\ud800 ä🐍';
  const line = jsonLine({ text });
  expect(line).toMatch(/^[\u0020-\u007e\u00a0-\uffff]*$/);
  expect(line.split(/[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/)).toHaveLength(1);
  expect(JSON.parse(line)).toEqual({ text: text.replace('\ud800', '\ufffd') });
});
