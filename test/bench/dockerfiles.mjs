// The Dockerfiles that the pipeline is compared with. Each is what its school recommends, kept as short as it can be:
// what one gets from the certificate of a private authority or a compiled dependency, all get.

/** The same packages that the sample's dependencies need: to compile, and at run time. */
const BUILD_PACKAGES = 'gcc libc6-dev python3-dev libpq-dev';
const RUN_PACKAGES = 'libpq5';

const APT = (packages, id) =>
  `RUN --mount=type=cache,id=${id}-apt,target=/var/cache/apt,sharing=locked rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y --no-install-recommends ${packages} && rm -rf /var/lib/apt/lists/*`;

const CA = (ca) => (ca ? ' --mount=type=secret,id=ca,target=/run/ca.pem' : '');

const COLLECT = 'STATIC_ROOT=/static python -m django collectstatic --noinput';

const FINISH = `USER app
ENV STATIC_ROOT=/static DATA_DIR=/data
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "polls.wsgi"]
`;

const RUNTIME = (base, id) => `FROM ${base} AS runtime
${APT(RUN_PACKAGES, id)}
RUN useradd --uid 10001 --create-home app && install -d -o app /data
ENV PATH=/appenv/bin:$PATH DJANGO_SETTINGS_MODULE=polls.settings PYTHONUNBUFFERED=1`;

/**
 * Docker's documentation for Python and the usual advice: stages, cache mounts, bind mounts instead of COPY, dependencies before sources,
 * a wheel of the application mounted into the release. https://docs.docker.com/build/building/best-practices/
 */
export function bestPractice({ base, id, ca }) {
  const pip = `RUN --mount=type=cache,id=${id}-pip,target=/root/.cache/pip${CA(ca)}`;
  const env = ca ? 'PIP_CERT=/run/ca.pem ' : '';
  return `${RUNTIME(base, id)}

FROM runtime AS builder
${APT(BUILD_PACKAGES, id)}
RUN python3 -m venv /appenv

FROM builder AS dependencies
${pip} --mount=type=bind,source=requirements.txt,target=/requirements.txt ${env}pip install --require-hashes -r /requirements.txt

FROM builder AS wheel
WORKDIR /src
${pip} --mount=type=bind,target=/src,rw ${env}pip wheel --no-deps --wheel-dir /wheels .

FROM runtime
COPY --from=dependencies /appenv /appenv
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels pip install --no-cache-dir --no-deps --no-index /wheels/*.whl && ${COLLECT}
${FINISH}`;
}

/**
 * As uv's documentation recommends: https://docs.astral.sh/uv/guides/integration/docker/
 * It copies uv from an image of its own; where no registry answers there is none, so that uv comes from PyPI here, in a layer of its own.
 */
export function uv({ base, id, ca, uvVersion }) {
  const mounts = `--mount=type=cache,id=${id}-uv,target=/root/.cache/uv${CA(ca)}`;
  const env = ca ? 'SSL_CERT_FILE=/run/ca.pem ' : '';
  return `${RUNTIME(base, id)}

FROM runtime AS builder
${APT(BUILD_PACKAGES, id)}
RUN --mount=type=cache,id=${id}-pip,target=/root/.cache/pip${CA(ca)} python3 -m venv /uv && ${ca ? 'PIP_CERT=/run/ca.pem ' : ''}/uv/bin/pip install uv==${uvVersion}
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PROJECT_ENVIRONMENT=/appenv UV_PYTHON_DOWNLOADS=never UV_NO_DEV=1
WORKDIR /app
RUN ${mounts} --mount=type=bind,source=uv.lock,target=uv.lock --mount=type=bind,source=pyproject.toml,target=pyproject.toml ${env}/uv/bin/uv sync --locked --no-install-project --no-editable
COPY . /app
RUN ${mounts} ${env}/uv/bin/uv sync --locked --no-editable

FROM runtime
COPY --from=builder /appenv /appenv
RUN ${COLLECT}
${FINISH}`;
}

/** The system of 2015 that this project carries on: a base image, a builder that is run, wheels added to the release and removed again. */
export const original = {
  base: ({ base, id }) => `FROM ${base}
${APT(RUN_PACKAGES, id)}
RUN python3 -m venv /appenv
ENV PATH=/appenv/bin:$PATH DJANGO_SETTINGS_MODULE=polls.settings
`,
  builder: ({ base, id, ca }) => `FROM ${base}
${APT(BUILD_PACKAGES, id)}
RUN --mount=type=cache,id=${id}-pip,target=/root/.cache/pip${CA(ca)} ${ca ? 'PIP_CERT=/run/ca.pem ' : ''}pip install wheel
ENV WHEELHOUSE=/wheelhouse PIP_WHEEL_DIR=/wheelhouse PIP_FIND_LINKS=/wheelhouse XDG_CACHE_HOME=/cache
WORKDIR /application
CMD ["pip", "wheel", "."]
`,
  release: ({ base }) => `FROM ${base}
ADD target /wheelhouse
RUN pip install --no-index -f /wheelhouse polls && rm -rf /wheelhouse
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "polls.wsgi"]
`,
};
