/** Every command of command-specs.ts with its verb. A command without one does not compile. */
import type { Command } from './command.js';
import type { CommandId } from './command-ids.js';
import { build } from './build.js';
import { buildWheels } from './build-wheels.js';
import { cancel } from './cancel.js';
import { checkStatus } from './check-status.js';
import { copyDiagnostics } from './copy-diagnostics.js';
import { copyWheelHash, copyWheelRequirement } from './copy-wheels.js';
import { deleteWheels } from './delete-wheels.js';
import { fix } from './fix.js';
import { followLogs } from './follow-logs.js';
import { lock } from './lock.js';
import { openInBrowser } from './open-in-browser.js';
import { openShell } from './open-shell.js';
import { openWheel } from './open-wheel.js';
import { refresh } from './refresh.js';
import { revealWheel } from './reveal-wheel.js';
import { runStage } from './run-stage.js';
import { runDoctor } from './run-doctor.js';
import { selectEngine } from './select-engine.js';
import { selectTarget } from './select-target.js';
import { showDockerfile } from './show-dockerfile.js';
import { showLog } from './show-log.js';
import { showOutput } from './show-output.js';
import { showRunActions } from './show-run-actions.js';
import { start } from './start.js';
import { stop } from './stop.js';
import { verifyWheels } from './verify-wheels.js';

export const COMMANDS: Readonly<Record<CommandId, Command>> = {
  'pypackage.build': build,
  'pypackage.cancel': cancel,
  'pypackage.lock': lock,
  'pypackage.fix': fix,
  'pypackage.buildWheels': buildWheels,
  'pypackage.start': start,
  'pypackage.stop': stop,
  'pypackage.openInBrowser': openInBrowser,
  'pypackage.openShell': openShell,
  'pypackage.followLogs': followLogs,
  'pypackage.showLog': showLog,
  'pypackage.showOutput': showOutput,
  'pypackage.showDockerfile': showDockerfile,
  'pypackage.checkStatus': checkStatus,
  'pypackage.runDoctor': runDoctor,
  'pypackage.copyDiagnostics': copyDiagnostics,
  'pypackage.selectEngine': selectEngine,
  'pypackage.selectTarget': selectTarget,
  'pypackage.openWheel': openWheel,
  'pypackage.revealWheel': revealWheel,
  'pypackage.copyWheelRequirement': copyWheelRequirement,
  'pypackage.copyWheelHash': copyWheelHash,
  'pypackage.verifyWheels': verifyWheels,
  'pypackage.deleteWheels': deleteWheels,
  'pypackage.showRunActions': showRunActions,
  'pypackage.runStage': runStage,
  'pypackage.refresh': refresh,
};
