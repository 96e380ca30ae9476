/** Every case leaves a picture of how it ended, in test-results/cases; one that failed says so in its name. */
import { basename } from 'node:path';
import { afterEach } from 'vitest';
import { EditorWindow } from './window.js';

afterEach(async ({ task }) => {
  const file = basename(task.file.name, '.test.ts');
  const name = task.name
    .replace(/[^\w.-]+/g, ' ')
    .trim()
    .replaceAll(' ', '-')
    .slice(0, 100);
  const suffix = task.result?.state === 'fail' ? '-failed' : '';
  let count = 0;
  for (const window of EditorWindow.opened) {
    const number = count++ === 0 ? '' : `-${count}`;
    // A page that is just being closed has no picture to give, which is no failure of the case.
    await window.screenshot(`cases/${file}/${name}${number}${suffix}`).catch(() => undefined);
  }
});
