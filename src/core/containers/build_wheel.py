"""Builds the application's wheel by its backend's PEP 517 hooks, in the environment that the builder image prepared.

Runs with that environment's Python. The sources are at /src, a copy: backends write beside them.
"""
import glob
import importlib
import json
import os
import subprocess
import sys

OUT = '/out'
PIP = '/opt/pypackage/pip/bin/python'


def main():
    with open('/run/pypackage/build.json', encoding='utf-8') as file:
        options = json.load(file)
    os.chdir('/src')
    # In-tree backends (PEP 517, backend-path) come first; the folder itself only where the backend adds it.
    sys.path[:0] = [os.path.join('/src', path) for path in options['backendPath']]
    module, _, attributes = options['backend'].partition(':')
    try:
        backend = importlib.import_module(module)
        for attribute in filter(None, attributes.split('.')):
            backend = getattr(backend, attribute)
    except (ImportError, AttributeError) as error:
        sys.exit(f'the build backend {options["backend"]} cannot be loaded: {error}')
    if hasattr(backend, 'get_requires_for_build_wheel'):
        extra = backend.get_requires_for_build_wheel({})
        if extra:
            print('the backend asks for', *extra, flush=True)
            subprocess.run(
                [PIP, '-m', 'pip', '--python', sys.executable, 'install', '--quiet', '--disable-pip-version-check', *extra],
                check=True, env={**os.environ, 'SOURCE_DATE_EPOCH': ''},
            )
            importlib.invalidate_caches()
    wheel = os.path.join(OUT, 'wheels')
    os.makedirs(wheel, exist_ok=True)
    name = backend.build_wheel(wheel, {}, None)
    # pip finds the wheel by what is there: exactly one.
    assert glob.glob(os.path.join(wheel, '*.whl')) == [os.path.join(wheel, name)], name


main()
