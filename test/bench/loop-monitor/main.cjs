// Beside the extension that is measured, in the same host: while $LOOP_MONITOR_FILE.on exists it watches the event loop, and
// writes to $LOOP_MONITOR_FILE what came of it when that file goes. Milliseconds.
const { existsSync, writeFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');

exports.activate = ({ subscriptions }) => {
  const file = process.env.LOOP_MONITOR_FILE;
  if (file === undefined) return;
  let delay;
  const look = () => {
    const isOn = existsSync(`${file}.on`);
    if (isOn === (delay !== undefined)) return;
    if (isOn) {
      delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      return;
    }
    delay.disable();
    const ms = (nanoseconds) => Math.round(nanoseconds / 1e5) / 10;
    writeFileSync(file, JSON.stringify({ p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) }));
    delay = undefined;
  };
  const timer = setInterval(look, 100);
  subscriptions.push({ dispose: () => clearInterval(timer) });
};
