/** base: the Python image, a virtual environment, a user without privileges, an entrypoint. Everything runs on it. */
import entrypoint from './entrypoint.sh';
import { envLine, execForm, recipe, runLine } from './dockerfile.js';
import type { Recipe } from './dockerfile.js';

/** A number, so that Kubernetes' runAsNonRoot can check it; group 0, so that it may be replaced by any other (OpenShift). */
export const APP_UID = 10001;
export const APP_USER = `${APP_UID}:0`;
export const APP_HOME = '/home/app';
/** For what must outlive a release: uploads, an SQLite file. A volume belongs here. */
export const DATA_DIR = '/data';
/** Static files are part of the image: a volume would serve an older release's. */
export const STATIC_DIR = '/static';

export interface BaseFacts {
  /** What FROM names: a reference that the engine has. */
  readonly reference: string;
}

export function baseRecipe({ reference }: BaseFacts): Recipe {
  return recipe(
    'Dockerfile.base',
    [
      `FROM ${reference}`,
      'USER 0',
      runLine({
        commands: [
          `useradd --uid ${APP_UID} --gid 0 --home-dir ${APP_HOME} --no-create-home --shell /usr/sbin/nologin app`,
          // Group 0 may write: a tmpfs over the home takes the folder's mode, and root as its owner (seen with runc).
          `install -d -o ${APP_UID} -g 0 -m 0775 ${APP_HOME} ${DATA_DIR} ${STATIC_DIR}`,
          'python3 -m venv --without-pip /appenv',
        ],
      }),
      'COPY --chmod=0755 entrypoint.sh /usr/local/bin/pypackage-entrypoint',
      envLine({
        PATH: '/appenv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        VIRTUAL_ENV: '/appenv',
        HOME: APP_HOME,
        DATA_DIR,
        LANG: 'C.UTF-8',
        PYTHONUNBUFFERED: '1',
        PYTHONDONTWRITEBYTECODE: '1',
      }),
      `WORKDIR ${APP_HOME}`,
      `USER ${APP_USER}`,
      `ENTRYPOINT ${execForm(['/usr/local/bin/pypackage-entrypoint'])}`,
      `CMD ${execForm(['python'])}`,
    ],
    { 'entrypoint.sh': entrypoint },
  );
}
