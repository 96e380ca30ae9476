import { startDocker20, startDocker26, startDocker29 } from './docker.mjs';
import { startPodman4, startPodman5 } from './podman.mjs';
import { startRootless } from './rootless.mjs';
import { startBehindSsh, startBehindTls } from './transports.mjs';

/**
 * The engines that the tests run against. `start` takes a folder for everything the engine writes, a folder that outlives it for
 * what was downloaded or built, and a signal; it gives back how the engine is reached and ended, or says why it cannot run here.
 */
export const ENGINES = [
  { name: 'docker-20', title: "Docker 20.10, Debian 12's", start: startDocker20 },
  { name: 'docker-26', title: "Docker 26.1, Debian 13's", start: startDocker26 },
  { name: 'docker-29', title: 'Docker 29, images in the containerd store', start: startDocker29 },
  {
    name: 'docker-29-min',
    title: 'Docker 29 that answers API 1.44 and later only',
    start: (context) => startDocker29(context, { DOCKER_MIN_API_VERSION: '1.44' }),
  },
  { name: 'rootless', title: "rootless Docker, this machine's", start: startRootless },
  { name: 'podman-4', title: "Podman 4.3, Debian 12's", start: startPodman4 },
  { name: 'podman-5', title: "Podman 5.4, Debian 13's", start: startPodman5 },
  { name: 'tls', title: 'Docker 20.10 over TCP and TLS, with client certificates', start: startBehindTls },
  { name: 'ssh', title: 'Docker 20.10 over ssh', start: startBehindSsh },
];
