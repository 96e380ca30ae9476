"""Builds one wheel from a source tree by its backend's PEP 517 hooks, or by a command of the user's.

Runs with the Python of the environment that the backend and its requirements are in, as root, in a container of the builder image.
In:  the JSON file that is the first argument, /run/pypackage/build.json without one:
     {"source": folder, a copy that backends may write into, "out": folder, "backend": "setuptools.build_meta", "backendPath": [...],
      "git": {"root": folder, "path": of the project in it, "commit", "branch"} where the backend asks Git (optional), with HERE/git for git_tree.py,
      "command": words in place of the backend (optional), "look": {"loaded": ..., "texts": ...} for system_packages.find (optional)}
Out: OUT/wheels/*.whl, exactly one where a backend built it; OUT/system.json where it was asked to look
What fails ends with one line on standard error that wheel-failures.ts knows: `the build backend NAME ...`.
"""
import glob
import importlib
import json
import os
import subprocess
import sys
import sysconfig
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
PIP = '/opt/pypackage/pip/bin/python'


class Problem(Exception):
    """What the backend, or what describes it, did wrong, as one line."""


def reproducible(source):
    """The environment in which equal sources give equal bytes, wherever and by whomever they are built."""
    os.umask(0o022)
    # -g would write the folder into the binary, and assertions and __FILE__ do, too.
    flags = f'-g0 -ffile-prefix-map={source}=.'
    env = {
        'TZ': 'UTC', 'LC_ALL': 'C.UTF-8', 'PYTHONHASHSEED': '0', 'SOURCE_DATE_EPOCH': os.environ.get('SOURCE_DATE_EPOCH', '1580601600'),
        'PATH': os.path.dirname(sys.executable) + os.pathsep + os.environ.get('PATH', os.defpath),
        'PYTHONDONTWRITEBYTECODE': '1',
    }
    # These take the place of what Python itself was compiled with, which setuptools would use: optimisation among it.
    usual = sysconfig.get_config_var('CFLAGS') or '-O2'
    for name in ('CFLAGS', 'CXXFLAGS'):
        env[name] = f'{os.environ.get(name, usual)} {flags}'
    env['FFLAGS'] = f'{os.environ.get("FFLAGS", "-O2")} {flags}'
    # RUSTFLAGS would hide what a project's own .cargo/config.toml says.
    if 'RUSTFLAGS' not in os.environ and not glob.glob(os.path.join(source, '.cargo', 'config*')):
        cargo = os.environ.get('CARGO_HOME', os.path.expanduser('~/.cargo'))
        env['RUSTFLAGS'] = f'--remap-path-prefix={source}=. --remap-path-prefix={cargo}=/cargo'
    os.environ.update(env)


def build(source, backend, backend_path, out):
    """Path of the wheel that the backend has built from `source` into the folder `out`. Raises Problem."""
    os.chdir(source)
    os.makedirs(out, exist_ok=True)
    sys.argv = ['build_wheel']
    hooks = load(source, backend, backend_path)
    if hasattr(hooks, 'get_requires_for_build_wheel'):
        extra = call(backend, source, hooks.get_requires_for_build_wheel, {})
        if extra:
            install(backend, extra)
    name = call(backend, source, hooks.build_wheel, out, {}, None)
    # What is there counts: pip and build take the file that the hook names, and nothing may be beside it.
    left = sorted(os.path.basename(path) for path in glob.glob(os.path.join(out, '*.whl')))
    if left != [name]:
        raise Problem(f'the build backend {backend} says that it built {name}, and left {", ".join(left) or "no wheel"}')
    return os.path.join(out, name)


def load(source, backend, backend_path):
    """The object whose attributes are the hooks (PEP 517, "Source trees")."""
    root = os.path.realpath(source)
    folders = [os.path.realpath(os.path.join(root, path)) for path in backend_path]
    for path, folder in zip(backend_path, folders):
        if os.path.isabs(path) or os.path.commonpath([root, folder]) != root:
            raise Problem(f'the build backend {backend} cannot be loaded: backend-path names {path}, which is not in the project')
    sys.path[:0] = folders
    module, _, attributes = backend.partition(':')
    try:
        found = importlib.import_module(module)
        place = getattr(found, '__file__', None) or next(iter(getattr(found, '__path__', [])), '')
        if folders and not any(os.path.realpath(place).startswith(folder + os.sep) for folder in folders):
            raise Problem(f'the build backend {backend} cannot be loaded: it is not in {", ".join(backend_path)}, which backend-path names')
        for attribute in filter(None, attributes.split('.')):
            found = getattr(found, attribute)
    except (ImportError, AttributeError) as error:
        raise Problem(f'the build backend {backend} cannot be loaded: {error}') from error
    if not hasattr(found, 'build_wheel'):
        raise Problem(f'the build backend {backend} cannot be loaded: it has no build_wheel')
    return found


def call(backend, source, hook, *arguments):
    try:
        return hook(*arguments)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        traceback.print_exc()
        said = ' '.join(str(error).split()) or 'no reason given'
        kind = '' if isinstance(error, SystemExit) else f'{type(error).__name__}: '
        raise Problem(f'the build backend {backend} failed in {hook.__name__}{place_of(error, source)}: {kind}{said}') from None


def place_of(error, source):
    """` at setup.py:12`: the last line of the project's own that was on the way."""
    root = os.path.realpath(source) + os.sep
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    # No frame is in a file that cannot be compiled.
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno))
    # setuptools executes its text, which has no name then.
    runs_setup = [filename.endswith('setuptools/build_meta.py') for filename, _ in places]
    named = [('setup.py' if filename == '<string>' and at and runs_setup[at - 1] else filename, line) for at, (filename, line) in enumerate(places)]
    for filename, line in reversed(named):
        path = os.path.realpath(os.path.join(source, filename))
        if path.startswith(root) and os.path.isfile(path):
            return f' at {path[len(root):]}:{line}'
    return ''


def install(backend, extra):
    print('the backend asks for', *extra, flush=True)
    # Bytecode of what is installed is no part of the wheel, and has no use after it.
    done = subprocess.run([PIP, '-m', 'pip', '--python', sys.executable, 'install', '--quiet', '--no-compile', '--disable-pip-version-check', *extra])
    if done.returncode:
        raise Problem(f'the build backend {backend} asks for {", ".join(extra)}, which cannot be installed')
    importlib.invalidate_caches()


def run_command(words, source, out):
    """A command of the user's: leaves wheels in $WHEELHOUSE."""
    os.makedirs(out, exist_ok=True)
    # pip comes last: one of the user's goes before ours.
    path = os.environ['PATH'] + os.pathsep + os.path.dirname(PIP)
    try:
        code = subprocess.run(words, cwd=source, env={**os.environ, 'WHEELHOUSE': out, 'PATH': path}).returncode
    except OSError as error:
        raise Problem(f'the build command cannot be started: {error}') from error
    if code:
        raise Problem(f'the build command ended with exit code {code}')
    if not glob.glob(os.path.join(out, '*.whl')):
        raise Problem('the build command left no wheel in $WHEELHOUSE')


def recover_git(about):
    sys.path.insert(0, HERE)
    import git_tree
    try:
        git_tree.make(about['root'], about['path'], os.path.join(HERE, 'git'), about['commit'], about['branch'])
    except (OSError, RuntimeError) as error:
        sys.exit(f'the Git repository cannot be made again: {error}')
    finally:
        sys.path.remove(HERE)


def look(wheels, out, tables):
    sys.path.insert(0, HERE)
    import system_packages
    system_packages.write(out, wheels, tables['loaded'], tables['texts'])


def main():
    with open(sys.argv[1] if len(sys.argv) > 1 else '/run/pypackage/build.json', encoding='utf-8') as file:
        options = json.load(file)
    source, out = options['source'], options['out']
    wheels = os.path.join(out, 'wheels')
    if options.get('git'):
        recover_git(options['git'])
    reproducible(source)
    before = list(sys.path)
    try:
        if options.get('command'):
            run_command(options['command'], source, wheels)
        else:
            build(source, options['backend'], options['backendPath'], wheels)
    except Problem as problem:
        sys.exit(str(problem))
    sys.path[:] = before
    if 'look' in options:
        look(glob.glob(os.path.join(wheels, '*.whl')), out, options['look'])


if __name__ == '__main__':
    main()
