// The control extension does nothing. Where $PYPACKAGE_TEST_LOOP names a file, it has a command that measures the event loop of
// its host: a first call begins, a second writes there what came of it.
exports.activate = ({ subscriptions }) => {
  const file = process.env.PYPACKAGE_TEST_LOOP;
  if (file === undefined) return;
  const { writeFileSync } = require('node:fs');
  const { monitorEventLoopDelay } = require('node:perf_hooks');
  const { commands } = require('vscode');
  let delay;
  const measure = () => {
    if (delay === undefined) {
      delay = monitorEventLoopDelay({ resolution: 10 });
      delay.enable();
      return;
    }
    delay.disable();
    const ms = (nanoseconds) => Math.round(nanoseconds / 1e5) / 10;
    writeFileSync(file, JSON.stringify({ p99: ms(delay.percentile(99)), max: ms(delay.max) }));
    delay = undefined;
  };
  subscriptions.push(commands.registerCommand('pypackage-control.measure', measure));
};
