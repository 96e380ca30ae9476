/** Every command that the manifest offers; command-specs.ts says what each is. A test compares this list with package.json. */
export const COMMAND_IDS = [
  'pypackage.build',
  'pypackage.cancel',
  'pypackage.lock',
  'pypackage.fix',
  'pypackage.buildWheels',
  'pypackage.start',
  'pypackage.stop',
  'pypackage.openInBrowser',
  'pypackage.openShell',
  'pypackage.followLogs',
  'pypackage.showLog',
  'pypackage.showOutput',
  'pypackage.showDockerfile',
  'pypackage.checkStatus',
  'pypackage.runDoctor',
  'pypackage.copyDiagnostics',
  'pypackage.selectEngine',
  'pypackage.selectTarget',
  'pypackage.showRunActions',
  'pypackage.runStage',
  'pypackage.refresh',
] as const;

export type CommandId = (typeof COMMAND_IDS)[number];
