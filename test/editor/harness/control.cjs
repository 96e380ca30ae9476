// The control extension does nothing. Where $PYPACKAGE_TEST_CALLS names a file, it is another extension that uses ours: its command
// does what the file says (a list of calls) and writes what came of them beside it, as `FILE.answer`. Where $PYPACKAGE_TEST_LOOP names a file, it has a command that measures the event loop of
// its host: a first call begins, a second writes there what came of it.
exports.activate = ({ subscriptions }) => {
  if (process.env.PYPACKAGE_TEST_CALLS !== undefined) offerCalls(subscriptions, process.env.PYPACKAGE_TEST_CALLS);
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

function offerCalls(subscriptions, file) {
  const { readFileSync, renameSync, writeFileSync } = require('node:fs');
  const vscode = require('vscode');
  const events = [];
  let listening;
  // With `cancelAt`, the stage at whose begin the call is cancelled.
  const tool = async (api, { name, cancelAt, ...input }) => {
    const source = new vscode.CancellationTokenSource();
    const watching = api.onDidRunEvent(({ event }) => event.type === 'stage.started' && event.stage === cancelAt && source.cancel());
    try {
      const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined }, source.token);
      return content.map(({ value }) => value).join('');
    } finally {
      watching.dispose();
    }
  };
  const calls = {
    api: (api) => ({ version: api.version, keys: Object.keys(api), isFrozen: Object.isFrozen(api) }),
    targets: (api) => api.targets(),
    events: () => events.map(({ target, event }) => ({ target, type: event.type, stage: event.stage, isFrozen: Object.isFrozen(event) })),
    run: async (api, { root, ...options }) => {
      const targets = await api.targets();
      const source = new vscode.CancellationTokenSource();
      if (options.cancelAfter !== undefined) setTimeout(() => source.cancel(), options.cancelAfter);
      return api.run(root === undefined ? targets[0] : { root }, { ...options, token: source.token });
    },
    tools: () => vscode.lm.tools.filter(({ name }) => name.startsWith('pypackage')).map(({ name }) => name),
    tool,
    command: (_, { id, argument }) => vscode.commands.executeCommand(id, argument),
  };
  const call = async () => {
    const api = await vscode.extensions.getExtension('pypackage.pypackage-docker').activate();
    listening ??= api.onDidRunEvent((event) => events.push(event));
    const answers = [];
    for (const [name, options] of JSON.parse(readFileSync(file, 'utf8'))) {
      answers.push(await Promise.resolve(calls[name](api, options)).catch((error) => ({ rejected: error.message })));
    }
    writeFileSync(`${file}.new`, JSON.stringify(answers));
    renameSync(`${file}.new`, `${file}.answer`);
  };
  subscriptions.push({ dispose: () => listening?.dispose() }, vscode.commands.registerCommand('pypackage-control.call', call));
}
