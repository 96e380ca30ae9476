import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../../src/core/pipeline/events.js';
import { linesOfError, linesOfEvent } from '../../../src/vscode/output-lines.js';
import { eventsOf, FAILURE, RUN_STARTED } from './events.js';

const lines = (...bodies: readonly EventBody[]): readonly string[] => eventsOf(...bodies).flatMap((event) => linesOfEvent(event));

describe('the output channel', () => {
  test('tells a run from its heading to its end', () => {
    expect(
      lines(
        RUN_STARTED,
        { type: 'stage.skipped', stage: 'base', reason: 'up to date' },
        { type: 'stage.started', stage: 'wheels', reason: 'polls/views.py changed' },
        { type: 'step', stage: 'wheels', id: '1', name: 'build polls', state: 'started' },
        { type: 'log', stage: 'wheels', step: '1', stream: 'stdout', text: 'running bdist_wheel' },
        { type: 'log', stage: 'wheels', stream: 'note', text: 'the release gets libpq5' },
        { type: 'step', stage: 'wheels', id: '1', name: 'build polls', state: 'done', ms: 600 },
        { type: 'artifact', stage: 'wheels', kind: 'wheel', name: 'polls-1.4.0-py3-none-any.whl', size: 96_000 },
        { type: 'stage.finished', stage: 'wheels', summary: '1 built, 14 kept', detail: 'polls/views.py changed', ms: 620 },
        { type: 'run.finished', outcome: 'done', changed: true, ms: 1700 },
      ),
    ).toEqual([
      '',
      '■ polls 1.4.0 · Python 3.13 · 14 dependencies from uv.lock · engine Docker 28.5 (default socket)',
      '  log /home/me/logs/polls.log',
      '',
      '✓ base: up to date',
      '▸ wheels: polls/views.py changed',
      '  · build polls',
      '    running bdist_wheel',
      '  note: the release gets libpq5',
      '  ✓ build polls · 0.6 s',
      '  → wheel polls-1.4.0-py3-none-any.whl · 96 KB',
      '✓ wheels: 1 built, 14 kept · 0.6 s · polls/views.py changed',
      '',
      '',
      '■ Done in 1.7 s',
    ]);
  });

  test('tells an error with place, reason and next step, once', () => {
    const [failed, finished] = eventsOf(
      { type: 'stage.failed', stage: 'wheels', error: FAILURE, ms: 10 },
      { type: 'run.finished', outcome: 'failed', changed: false, ms: 20, error: FAILURE },
    );
    expect(failed && linesOfEvent(failed)).toEqual([
      '✗ wheels failed after 10 ms',
      'error: mysqlclient 2.2.7 does not compile: mysql.h is missing',
      '  where  pyproject.toml:12',
      "  why    the builder image lacks Debian's default-libmysqlclient-dev",
      '  fix    PyPackage: Run Doctor tells more',
    ]);
    expect(finished && linesOfEvent(finished, true)).toEqual(['', '■ Failed after 20 ms']);
    expect(finished && linesOfEvent(finished, false)).toContain(`error: ${FAILURE.message}`);
  });

  test('keeps the further lines of a reason under the first', () => {
    expect(linesOfError({ ...FAILURE, why: 'one\ntwo' })).toContain('  why    one\n         two');
  });

  test('shows what a container wrote without what would reach past its line', () => {
    const hostile = '10%\r\u001b]0;a title\u0007\u001b[31mred\u001b[0m';
    expect(
      lines(
        { type: 'log', stage: 'wheels', stream: 'stdout', text: hostile },
        { type: 'log', stage: 'wheels', stream: 'note', text: hostile },
        { type: 'step', stage: 'wheels', id: '1', name: hostile, state: 'started' },
      ),
    ).toEqual(['    red', '  note: red', '  · red']);
  });
});
