"""Looks whether what is installed in a release can work, from inside a RUN of its build.

Shared libraries that a wheel built here needs must be there; the application's modules are imported once, as its own user. What fails for
good ends the build with one line, `this release cannot work: ...`, that release-failures.ts knows.
"""
import glob
import json
import mmap
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
IMPORT_SECONDS = 120


def check_libraries(installed):
    """Each library that an installed file links to must be there: with the system, or in some wheel."""
    import system_packages
    binaries = [(wheel, file, binary) for wheel, files in installed for file in files for binary in [read_binary(system_packages, file)] if binary]
    if not binaries:
        return
    site = sysconfig.get_path('purelib')
    own = {os.path.basename(path) for path in glob.glob(f'{site}/**/*.so*', recursive=True)} | {binary.soname for _, _, binary in binaries}
    missing = {}
    for wheel, file, binary in binaries:
        places = [place if place.startswith('/') else f'{os.path.dirname(file)}/{place}' for place in system_packages.search_path('file', binary)]
        for library in binary.needed:
            if library not in own and not library.startswith('ld-linux') and system_packages.library_path(library, places) is None:
                missing.setdefault(wheel, []).append((library, os.path.relpath(file, site)))
    for wheel, found in sorted(missing.items()):
        library, file = found[0]
        text = f'{"-".join(wheel.split("-")[:2])} needs {library} for {file}, and nothing in the release has it'
        # A portable wheel may hold parts for systems that this is none of; what was built here was linked with what it needs.
        if re.search('manylinux|musllinux', wheel):
            print(f'note: {text}')
        else:
            sys.exit(f'this release cannot work: {text}')


def read_binary(system_packages, file):
    """None for what is no library and no program for this machine. The name tells most files apart, so that few are opened."""
    name = os.path.basename(file)
    if not ('.so' in name or '.' not in name) or os.path.islink(file) or not os.path.isfile(file) or os.path.getsize(file) < 64:
        return None
    with open(file, 'rb') as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        binary = system_packages.read_elf(data)
    return binary if binary and binary.machine == system_packages.machine() else None


class Importer:
    """Imports of the application's modules, in processes of their own."""

    def __init__(self, application, modules, user, env):
        self.application = application
        self.user = user
        self.env = env
        self.results = {}
        self.ahead = list(modules)
        self.process = None
        # Whatever a module writes while it is imported is no part of the release.
        self.folder = tempfile.mkdtemp(dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else '/tmp')
        os.chmod(self.folder, 0o777)
        self.start()

    def start(self):
        # A file and not a pipe: it may hold more than a pipe does before somebody reads.
        self.told = tempfile.TemporaryFile('w+', encoding='utf-8', dir=self.folder)
        env = {**self.env, 'RESULTS': str(self.told.fileno()), 'HOME': self.folder, 'TMPDIR': self.folder, 'PYTHONDONTWRITEBYTECODE': '1', 'PYTHONWARNINGS': 'ignore'}
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, 'import_modules.py'), self.application, *self.ahead], env=env, cwd=self.folder, pass_fds=[self.told.fileno()],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, user=self.user, group=0, extra_groups=[], encoding='utf-8', errors='replace',
        )

    def finish(self):
        """By module: None, or what kind of failure and why."""
        while True:
            try:
                output, _ = self.process.communicate(timeout=IMPORT_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                output, _ = self.process.communicate()
            current = self.read()
            if output.strip() and (current or any(self.results.values())):
                sys.stdout.write(output)
            if current is None:
                break
            code = self.process.returncode
            self.results[current] = ('other', f'it takes longer than {IMPORT_SECONDS} s' if code == -9 else f'it ends Python with {code}')
            self.ahead = [module for module in self.ahead if module not in self.results]
            if not self.ahead:
                break
            self.start()
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.results

    def read(self):
        """What is told; the module that was begun and not ended, which ended the process."""
        current = None
        with self.told:
            self.told.seek(0)
            for line in self.told:
                word, module, *rest = json.loads(line)
                current = module if word == 'begin' else None
                if word != 'begin':
                    self.results[module] = tuple(rest) or None
        return current


def tell_imports(results):
    failed = {module: failure for module, failure in results.items() if failure}
    for module, (kind, reason) in failed.items():
        if kind != 'other':
            sys.exit(f'this release cannot work: {module} cannot be imported, {reason}')
        print(f'note: {module} cannot be imported by itself: {reason}')
    ok = [module for module in results if module not in failed]
    print('\x1epypackage:' + json.dumps({'imports': {'ok': ok, 'failed': {module: reason[:300] for module, (_, reason) in failed.items()}}}), flush=True)
