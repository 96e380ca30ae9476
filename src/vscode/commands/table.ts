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
import { inspectImage, openImageShell, runImage } from './run-image.js';
import { tagImage } from './tag-image.js';
import { pushImage } from './push-image.js';
import { copyImageName } from './copy-image-name.js';
import { compareReleases } from './compare-releases.js';
import { removeImages } from './remove-images.js';
import { showAllImages, showOwnImages } from './show-all-images.js';
import { inspectContainer, openContainerInBrowser } from './container-looks.js';
import { followContainerLogs, openContainerShell, runInContainer } from './container-terminals.js';
import { removeContainers } from './remove-containers.js';
import { restartContainers, startContainers, stopContainers } from './set-containers.js';
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
  'pypackage.runImage': runImage,
  'pypackage.openImageShell': openImageShell,
  'pypackage.inspectImage': inspectImage,
  'pypackage.tagImage': tagImage,
  'pypackage.pushImage': pushImage,
  'pypackage.copyImageName': copyImageName,
  'pypackage.compareReleases': compareReleases,
  'pypackage.removeImages': removeImages,
  'pypackage.showAllImages': showAllImages,
  'pypackage.showOwnImages': showOwnImages,
  'pypackage.followContainerLogs': followContainerLogs,
  'pypackage.openContainerShell': openContainerShell,
  'pypackage.runInContainer': runInContainer,
  'pypackage.startContainers': startContainers,
  'pypackage.stopContainers': stopContainers,
  'pypackage.restartContainers': restartContainers,
  'pypackage.removeContainers': removeContainers,
  'pypackage.inspectContainer': inspectContainer,
  'pypackage.openContainerInBrowser': openContainerInBrowser,
};
