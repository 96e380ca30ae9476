"""Gets wheels: from the cache, from an index, or built from source in an environment that holds just what the build asks for."""
import concurrent.futures
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time

import pip_tools
from locked_packages import from_resolution, needs_build, normalize, requirement_name
from report import Progress, Step

# A volume, kept for all targets on the same base: files by their hash, and wheels that were built here.
CACHE = '/var/cache/pypackage'
# Fixed, since compilers write the place of the sources into what they make.
BUILD = '/build'
DAYS_KEPT = 60
# Grows whenever the same sources would become something else.
BUILT_FORMAT = 2
DOWNLOADS = 8
# Of whatever else a build leaves in the environment, none reaches a wheel (https://reproducible-builds.org/docs/).
DETERMINISTIC = {'TZ': 'UTC', 'LC_ALL': 'C.UTF-8', 'PYTHONHASHSEED': '0'}


def digest(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


class Workshop:
    def __init__(self, options):
        self.options = options
        self.locked_builds = {normalize(build['name']): build['packages'] for build in options['builds'] or []}
        self.recorded = {}
        self.environments = {}
        self.lock = threading.Lock()
        self.apt = threading.Lock()
        self.asked_of_apt = set()
        self.progress = Progress('download')
        # Downloads wait for nobody, so they have threads of their own; a build may wait for others.
        self.downloads = concurrent.futures.ThreadPoolExecutor(DOWNLOADS)
        self.building = threading.Semaphore(max(1, os.cpu_count() or 1))
        self.stopped = threading.Event()

    # --- many -----------------------------------------------------------------------------------------------------------

    def obtain_all(self, packages, folder):
        """One wheel for each package in `folder`; returns where each is from, by file name."""
        packages[:] = self.downloads.map(self.found, packages)
        for package in packages:
            if package['kind'] == 'files':
                self.progress.expect(package['files'][0].get('size'))
        self.install_for_compiling([package['name'] for package in packages if needs_build(package)])
        made = {}
        with concurrent.futures.ThreadPoolExecutor(max(1, len(packages))) as pool:
            tasks = {pool.submit(self.obtain, package, ()): package for package in packages}
            failed = None
            for task in concurrent.futures.as_completed(tasks):
                error = task.exception()
                if error is None:
                    path, origin = task.result()
                    shutil.copyfile(path, os.path.join(folder, os.path.basename(path)))
                    made[os.path.basename(path)] = origin
                elif failed is None:
                    # The first to fail is the one to tell of; what waits behind it need not begin.
                    failed = error
                    self.stopped.set()
                    pip_tools.stop_all()
                    for other in tasks:
                        other.cancel()
        if failed:
            if not isinstance(failed, (pip_tools.Failed, Stopped)):
                print(f'ERROR: {failed}', file=sys.stderr, flush=True)
                raise pip_tools.Failed(1)
            raise failed
        return made

    def found(self, package):
        """What hashed requirements name by version and hashes only, with the file that an index has of it."""
        if package['kind'] != 'hashes':
            return package
        name, version = package['name'], package['version']
        best = pip_tools.find_by_hashes(name, version, package['sha256'], package.get('index'))
        if best is None:
            raise LookupError(f'No matching distribution found for {name}=={version} with one of the hashes that are locked')
        url, file, listed = best
        kind = 'wheel' if file.endswith('.whl') else 'sdist'
        digest = listed or self.fetch_unlisted(url, file, package)
        return {'name': name, 'version': version, 'kind': 'files', 'files': [{'kind': kind, 'file': file, 'url': url.split('#')[0], 'sha256': digest}]}

    def fetch_unlisted(self, url, file, package):
        """The hash of a file whose index lists none: it has to be there to be known."""
        temporary = os.path.join(CACHE, 'files', f'.{package["name"]}-{os.getpid()}')
        os.makedirs(os.path.dirname(temporary), exist_ok=True)
        pip_tools.download(url, temporary, None, self.progress)
        digest = pip_tools.sha256(temporary)
        if digest not in package['sha256']:
            os.unlink(temporary)
            raise ValueError(f'{file} has the sha256 {digest}, and another one is locked ({url})')
        folder = os.path.join(CACHE, 'files', digest)
        os.makedirs(folder, exist_ok=True)
        os.replace(temporary, os.path.join(folder, file))
        return digest

    # --- one ------------------------------------------------------------------------------------------------------------

    def obtain(self, package, waiting):
        """The path of a package's wheel, and its origin.

        @param waiting names of what waits for it: a build requirement that needs itself cannot be built
        """
        if self.stopped.is_set():
            raise Stopped
        name = package['name']
        if package['kind'] == 'vcs':
            origin = {'kind': 'vcs', 'url': package['url'], 'commit': package['commit']}
            source = lambda folder, step: self.clone(package, folder, step)
            return self.built(package, [package['url'], package['commit'], package.get('subdirectory')], source, waiting), origin
        if package['kind'] == 'directory':
            source = lambda folder, step: shutil.copytree(package['path'], folder, symlinks=True)
            identity = [self.options['folders'].get(package['path'], package['path']), self.options['versions'].get(name)]
            return self.built(package, identity, source, waiting), {'kind': 'directory'}
        file = package['files'][0]
        path = self.downloads.submit(self.fetch, name, file, package.get('index')).result()
        origin = {'kind': 'wheel' if path.endswith('.whl') else 'sdist', 'url': file.get('url') or file['file'], 'sha256': file['sha256']}
        if path.endswith('.whl'):
            return path, origin
        return self.built(package, [file['sha256'], file.get('subdirectory')], lambda folder, step: pip_tools.unpack(path, folder), waiting), origin

    def fetch(self, name, file, index):
        if file.get('path'):
            if pip_tools.sha256(file['path']) != file['sha256']:
                raise ValueError(f'{file["file"]} is not what the lock names: its sha256 differs')
            return file['path']
        folder = os.path.join(CACHE, 'files', file['sha256'])
        path = os.path.join(folder, os.path.basename(file['file']))
        if os.path.exists(path) and pip_tools.sha256(path) == file['sha256']:
            os.utime(folder)
            self.progress.add(file.get('size') or 0)
            return path
        if self.stopped.is_set():
            raise Stopped
        with Step(f'download {name}', f'download {file["file"]}') as step:
            os.makedirs(folder, exist_ok=True)
            try:
                self.fetch_from(name, file, index, path)
            except Exception as error:
                step.log(f'ERROR: {error}')
                raise
        return path

    def fetch_from(self, name, file, index, path):
        """From where the lock says it is; where that cannot be reached, from the index that is configured, by its hash."""
        failure = None
        if file.get('url') and (file['url'].startswith('file:') or 'PYPACKAGE_OFFLINE' not in os.environ):
            try:
                return pip_tools.download(file['url'], path, file['sha256'], self.progress)
            except ValueError:
                raise
            except Exception as error:
                failure = error
        url = pip_tools.find_url(name, file['file'], file['sha256'], index)
        if url is None or url == file.get('url'):
            raise failure or LookupError(f'No matching distribution found for {file["file"]}')
        return pip_tools.download(url, path, file['sha256'], self.progress)

    def built(self, package, identity, source, waiting):
        """The wheel built from a source, kept by the source's identity and the toolchain's."""
        name = package['name']
        if name in waiting:
            raise RuntimeError(f'{name} is needed to build itself: {" → ".join([*waiting, name])}')
        locked = self.locked_builds.get(name)
        key = digest([BUILT_FORMAT, identity, self.options['toolchain'], sys.version_info[:2], self.debian_packages(name), locked and [item['files'][0]['sha256'] for item in locked]])
        kept = os.path.join(CACHE, 'built', key)
        about = os.path.join(kept, 'about.json')
        if os.path.exists(about):
            with open(about, encoding='utf-8') as file:
                known = json.load(file)
            path = os.path.join(kept, known['file'])
            if os.path.exists(path) and pip_tools.sha256(path) == known['sha256']:
                os.utime(kept)
                for other, requires in known['builds'].items():
                    self.record(other, requires)
                return path
        self.install_for_compiling([name])
        # What is built for another build has that one's place.
        with contextlib.nullcontext() if waiting else self.building:
            if self.stopped.is_set():
                raise Stopped
            with Step(f'build {name}', f'build {name} {package.get("version") or ""}'.strip()) as step:
                try:
                    path, requires = self.build(package, source, locked, step, (*waiting, name))
                except Exception as error:
                    if not isinstance(error, (pip_tools.Failed, Stopped)):
                        step.log(f'{type(error).__name__}: {error}')
                    if not isinstance(error, Stopped):
                        step.log(f"error: Failed to build '{name}'")
                    raise
        self.record(name, requires)
        fresh = f'{kept}.{os.getpid()}.{threading.get_ident()}'
        os.makedirs(fresh)
        shutil.copyfile(path, os.path.join(fresh, os.path.basename(path)))
        with open(os.path.join(fresh, 'about.json'), 'w', encoding='utf-8') as file:
            json.dump({'file': os.path.basename(path), 'sha256': pip_tools.sha256(path), 'builds': self.builds_of(name)}, file)
        try:
            shutil.rmtree(kept, ignore_errors=True)
            os.rename(fresh, kept)
        except OSError:  # another run was quicker
            shutil.rmtree(fresh, ignore_errors=True)
        return os.path.join(kept, os.path.basename(path)) if os.path.exists(about) else path

    # --- building -------------------------------------------------------------------------------------------------------

    def build(self, package, source, locked, step, waiting):
        """Calls the backend's hooks (PEP 517). Returns the wheel's path and the packages of its build environment."""
        folder = os.path.join(BUILD, f'{package["name"]}-{package.get("version") or "source"}', 'source')
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        source(folder, step)
        if package.get('subdirectory') or (package['kind'] == 'files' and package['files'][0].get('subdirectory')):
            folder = os.path.join(folder, package.get('subdirectory') or package['files'][0]['subdirectory'])
        caller, requires = self.backend(folder, locked, step, waiting, version_environment(self.options['versions'], package['name']))
        out = os.path.join(BUILD, f'{package["name"]}-{package.get("version") or "source"}', 'wheel')
        os.makedirs(out)
        name = caller.build_wheel(out, {})
        return os.path.join(out, name), requires

    def backend(self, folder, locked, step, waiting, variables=None):
        """The backend's hooks in an environment that has all it asks for."""
        from pip._vendor.pyproject_hooks import BuildBackendHookCaller
        table = {}
        if os.path.exists(os.path.join(folder, 'pyproject.toml')):
            table = pip_tools.load_toml(os.path.join(folder, 'pyproject.toml')).get('build-system', {})
        elif not os.path.exists(os.path.join(folder, 'setup.py')):
            raise FileNotFoundError('it has neither a pyproject.toml nor a setup.py')
        backend = table.get('build-backend', 'setuptools.build_meta:__legacy__')
        wanted = list(table.get('requires', ['setuptools>=40.8.0']))
        self.install_for_compiling(map(requirement_name, wanted))

        def caller(python):
            def runner(command, cwd=None, extra_environ=None):
                env = {**os.environ, **DETERMINISTIC, **(variables or {}), **(extra_environ or {}), 'PATH': f'{os.path.dirname(python)}:{os.environ["PATH"]}', 'VIRTUAL_ENV': os.path.dirname(os.path.dirname(python))}
                # Debug information holds folders of pip's and compilers' own choosing.
                # These take the place of what Python itself was compiled with, which setuptools would use: optimisation among it.
                for flags in ('CFLAGS', 'CXXFLAGS'):
                    env[flags] = f'{os.environ.get(flags, sysconfig.get_config_var("CFLAGS") or "-O2")} -g0 -ffile-prefix-map={folder}=.'
                pip_tools.run(command, step, cwd=cwd, env=env)
            return BuildBackendHookCaller(folder, backend, table.get('backend-path'), runner=runner, python_executable=python)

        packages = locked if locked is not None else self.resolve_builds(wanted, step)
        hooks = caller(self.environment(packages, step, waiting))
        if locked is None:
            extra = list(hooks.get_requires_for_build_wheel({}))
            if extra:
                self.install_for_compiling(map(requirement_name, extra))
                packages = self.resolve_builds([*wanted, *extra], step)
                hooks = caller(self.environment(packages, step, waiting))
        return hooks, packages

    def resolve_builds(self, wanted, step):
        """Packages for build requirements, resolved once for each set of them."""
        key = digest(sorted(wanted))
        with self.lock:
            future = self.environments.setdefault(f'resolve {key}', Once())
        return future.get(lambda: [
            from_resolution(package) for package in pip_tools.lock(wanted, [], f'/tmp/pylock.{key[:12]}.toml', step)
        ])

    def environment(self, packages, step, waiting):
        """The Python of an environment with just these packages, made once."""
        key = digest(sorted([item['name'], *(file['sha256'] for file in item.get('files', [])[:1])] for item in packages))[:16]
        with self.lock:
            future = self.environments.setdefault(key, Once())
        return future.get(lambda: self.make_environment(key, packages, step, waiting))

    def make_environment(self, key, packages, step, waiting):
        folder = f'/opt/pypackage/environments/{key}'
        # Made by the base image's own Python, so that what is built is for it.
        pip_tools.run([os.path.realpath(sys.executable), '-m', 'venv', '--without-pip', folder], step)
        python = os.path.join(folder, 'bin', 'python')
        wheels = [self.obtain(package, waiting)[0] for package in packages]
        if wheels:
            pip_tools.run(
                [sys.executable, '-m', 'pip', '--python', python, 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-index', '--no-compile', '--no-warn-script-location', *wheels],
                step,
            )
        return python

    def clone(self, package, folder, step):
        git = ['git', '-c', 'advice.detachedHead=false']
        try:
            pip_tools.run([*git, 'clone', '--quiet', '--filter=blob:none', '--no-checkout', package['url'], folder], step)
        except pip_tools.Failed:  # a server that cannot leave anything out
            shutil.rmtree(folder, ignore_errors=True)
            pip_tools.run([*git, 'clone', '--quiet', '--no-checkout', package['url'], folder], step)
        pip_tools.run([*git, '-C', folder, 'checkout', '--quiet', package['commit']], step)
        if os.path.exists(os.path.join(folder, '.gitmodules')):
            pip_tools.run([*git, '-C', folder, 'submodule', '--quiet', 'update', '--init', '--recursive'], step)

    # --- build requirements, for the lock ---------------------------------------------------------------------------------

    def record(self, name, requires):
        with self.lock:
            self.recorded[name] = requires

    def builds(self):
        """Build requirements of all that was built, the builds of build requirements included."""
        return [{'name': name, 'packages': packages} for name, packages in self.recorded.items()]

    def builds_of(self, name):
        """The build requirements of one, and of those among them that are built themselves."""
        found = {}
        pending = [name]
        while pending:
            current = pending.pop()
            if current in found or current not in self.recorded:
                continue
            found[current] = self.recorded[current]
            pending += [item['name'] for item in found[current] if needs_build(item)]
        return found

    def lock_build(self, application):
        """What the application's own build asks for. Its sources are at `path`, a copy."""
        with Step('lock build', f'lock what building {application["name"]} needs') as step:
            _, requires = self.backend(application['path'], None, step, (application['name'],))
        return {'name': application['name'], 'packages': requires}

    # --- Debian's packages --------------------------------------------------------------------------------------------------

    def debian_packages(self, name):
        return sorted(self.options['compiling'].get(normalize(name), []))

    def install_for_compiling(self, names):
        wanted = {debian for name in names for debian in self.debian_packages(name)}
        with self.apt:
            self.install_debian(wanted)

    def install_debian(self, wanted):
        missing = [name for name in sorted(wanted - self.asked_of_apt) if subprocess.run(['dpkg', '-s', name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode]
        self.asked_of_apt |= set(wanted)
        if not missing:
            return
        with Step('apt', 'install ' + ', '.join(missing) + ' for compiling') as step:
            pip_tools.run(['apt-get', '-qq', 'update'], step)
            pip_tools.run(['apt-get', '-qq', 'install', '--yes', '--no-install-recommends', *missing], step, env={**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'})

    def install_what_was_missing(self, lines, step):
        """Whether something that failed may work now: Debian's packages for it were not there and are now."""
        names = {normalize(name) for line in lines for name in re.findall(r"(?:Failed to build|metadata for|wheel for|requirements for) '?([A-Za-z0-9][\w.-]*)", line)}
        names |= {normalize(name) for line in lines for name in re.findall(r'Collecting ([A-Za-z0-9][\w.-]*)', line)[-1:]}
        wanted = {debian for name in names for debian in self.debian_packages(name)} - self.asked_of_apt
        if not wanted:
            return False
        self.install_for_compiling(names)
        return True

    # --- keeping ------------------------------------------------------------------------------------------------------------

    def forget_unused(self):
        """What no run has used for a while goes. Each use sets the time of a folder."""
        limit = time.time() - DAYS_KEPT * 86400
        for kind in ('files', 'built'):
            folder = os.path.join(CACHE, kind)
            for name in os.listdir(folder) if os.path.isdir(folder) else []:
                path = os.path.join(folder, name)
                try:
                    if os.stat(path).st_mtime < limit:
                        shutil.rmtree(path)
                except OSError:  # another run was quicker
                    pass


def version_environment(versions, name=None):
    """What backends take in Git's place: setuptools-scm and hatch-vcs, pdm-backend, uv-dynamic-versioning, pbr."""
    found = {f'SETUPTOOLS_SCM_PRETEND_VERSION_FOR_{re.sub("[^A-Z0-9]", "_", each.upper())}': version for each, version in versions.items()}
    known = versions.get(name) if name else next(iter(versions.values()), None)
    if known:
        found.update({variable: known for variable in ('PDM_BUILD_SCM_VERSION', 'UV_DYNAMIC_VERSIONING_BYPASS', 'PBR_VERSION')})
    return found


class Stopped(Exception):
    """Another one failed."""


class Once:
    """A value that the first who asks makes, and the others wait for."""

    def __init__(self):
        self.lock = threading.Lock()
        self.made = False

    def get(self, make):
        with self.lock:
            if not self.made:
                self.value = make()
                self.made = True
            return self.value
