"""Installs the wheels of /run/pypackage/wheelhouse into /appenv, or the sources of a site, from inside a RUN of the release's build, and looks
whether they can work.

The pinned pip of the builder does it, by path and hash and without any index. Bytecode is compiled with unchecked
hashes (PEP 552): the image does not change, so nothing need be compared at import, and equal input gives equal bytes.
Shared libraries that a wheel built here needs must be there; the application's modules are imported once, as its own user. What fails for
good ends the build with one line, `this release cannot work: ...`, that release-failures.ts knows.
"""
import argparse
import compileall
import csv
import glob
import hashlib
import os
import py_compile
import re
import shutil
import struct
import subprocess
import sys
import sysconfig
import urllib.parse

import check_release

ROOT = '/run/pypackage'
# Exit code of collecting where the settings say that they are not configured.
NOT_CONFIGURED = 3
IMPORT_SECONDS = 120
# Settings modules ask for these at import; collecting static files needs neither a secret nor a database.
THROWAWAY = {
    'SECRET_KEY': 'only-for-collectstatic',
    'DJANGO_SECRET_KEY': 'only-for-collectstatic',
    'DATABASE_URL': 'sqlite:////tmp/pypackage-collectstatic.sqlite3',
}
COLLECT = """
import importlib, site, sys, sysconfig
# Django itself is imported while pip still installs the application beside this; the settings come after.
for name in ('django.core.management', 'django.db.models', 'django.template.backends.django', 'django.core.files.storage', 'django.forms'):
    try:
        importlib.import_module(name)
    except Exception:
        pass
sys.stdin.read()
importlib.invalidate_caches()
site.addsitedir(sysconfig.get_path('purelib'))
import django, os, traceback
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
name = os.environ['DJANGO_SETTINGS_MODULE']
try:
    settings.INSTALLED_APPS
except ImproperlyConfigured:
    traceback.print_exc()
    sys.exit(3)
except ModuleNotFoundError as error:
    if error.name and (name + '.').startswith(error.name + '.'):
        print(f'note: the wheel has no {error.name}, which the settings {name} are in: no static files are collected')
        sys.exit(0)
    raise
django.setup()
from django.apps import apps
if not apps.is_installed('django.contrib.staticfiles'):
    print('note: django.contrib.staticfiles is not installed: no static files are collected')
elif not settings.STATIC_ROOT:
    print('note: the settings name no STATIC_ROOT: no static files are collected')
else:
    from django.core.management import call_command
    call_command('collectstatic', interactive=False, verbosity=1)
"""


def requirements():
    """Name, path and sha256 of each wheel: lines of `name @ file:///path --hash=sha256:...`, which `pip install -r` takes as well."""
    with open(ROOT + '/wheelhouse/requirements.txt', encoding='utf-8') as lines:
        for line in lines:
            name, url, digest = re.fullmatch(r'(\S+) @ (file://\S+) --hash=sha256:([0-9a-f]{64})', line.strip()).groups()
            yield name, url, digest


def sha256(path):
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        for chunk in iter(lambda: file.read(1 << 20), b''):
            digest.update(chunk)
    return digest.hexdigest()


def install():
    """What `pip install --no-index --no-deps --require-hashes` does after resolving, by the same code of the pinned pip.

    There is nothing to resolve: each wheel is named by path and hash. Leaving that out, and the network that pip prepares
    for, saves half a second of each release.
    """
    sys.path[:0] = glob.glob(ROOT + '/pip/lib/python3.*/site-packages')
    from pip._internal.locations import get_scheme
    from pip._internal.models.direct_url import DirectUrl
    from pip._internal.operations.install.wheel import install_wheel
    site = sysconfig.get_path('purelib')
    for name, url, digest in requirements():
        path = urllib.parse.unquote(urllib.parse.urlsplit(url).path)
        found = sha256(path)
        if found != digest:
            sys.exit(f'{path} has the sha256 {found}, and {digest} is locked')
        before = set(glob.glob(os.path.join(site, '*.dist-info', 'RECORD')))
        install_wheel(
            name, path, get_scheme(name), req_description=f'{name} @ {url}', pycompile=False, warn_script_location=False,
            direct_url=DirectUrl.from_dict({'url': url, 'archive_info': {'hashes': {'sha256': digest}}}), requested=True,
        )
        files = list(installed_files(site, before))
        complete(file for file in files if file.startswith(site + os.sep))
        yield os.path.basename(path), files


def installed_files(site, before):
    """Files of what was installed since, from the RECORD of each new distribution."""
    for record in set(glob.glob(os.path.join(site, '*.dist-info', 'RECORD'))) - before:
        with open(record, encoding='utf-8', newline='') as lines:
            for row in csv.reader(lines):
                if row:
                    yield os.path.normpath(os.path.join(site, row[0]))


def copy_source(source, into):
    """The sources of a site: root owns them, and nobody else may write."""
    shutil.copytree(source, into, symlinks=True, dirs_exist_ok=True)
    complete(os.path.join(folder, name) for folder, _, names in os.walk(into) for name in names)


def complete(files):
    """What an image needs beside the files themselves: bytecode, and translations that nobody compiled."""
    for file in files:
        if os.path.islink(file):
            continue
        if file.endswith('.py'):
            compileall.compile_file(file, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        elif file.endswith('.po') and os.path.basename(os.path.dirname(file)) == 'LC_MESSAGES' and not os.path.exists(file[:-3] + '.mo'):
            compile_messages(file)


def compile_messages(file):
    """What msgfmt makes of a .po file. https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html"""
    try:
        with open(file, 'rb') as content:
            data = content.read()
        named = re.search(rb'charset=([\w.-]+)', data)
        encoding = named.group(1).decode() if named and named.group(1) != b'CHARSET' else 'utf-8'
        messages = read_messages(data.decode(encoding).lstrip('\ufeff').splitlines())
        pairs = sorted((key.encode(encoding), value.encode(encoding)) for key, value in messages.items())
    except (OSError, LookupError, ValueError) as error:
        print(f'note: {file} cannot be compiled ({error}): its translations are missing')
        return
    count, start = len(pairs), 28 + 16 * len(pairs)
    tables, data = ([], []), b''
    for column in (0, 1):
        for pair in pairs:
            tables[column].append(struct.pack('<II', len(pair[column]), start + len(data)))
            data += pair[column] + b'\0'
    header = struct.pack('<7I', 0x950412de, 0, count, 28, 28 + 8 * count, 0, start)
    with open(file[:-3] + '.mo', 'wb') as compiled:
        compiled.write(header + b''.join(tables[0]) + b''.join(tables[1]) + data)


def read_messages(lines):
    """Translations by message, as a .mo file keys them. Fuzzy and obsolete ones are left out, as msgfmt does."""
    messages, entry, target, fuzzy, next_fuzzy = {}, {}, None, False, False

    def finish():
        plural = 'msgid_plural' in entry
        values = [entry[key] for key in sorted((k for k in entry if k.startswith('msgstr')), key=lambda k: int(k[7:-1] or 0) if '[' in k else 0)]
        # The header says how all others are encoded, whatever its own state.
        if 'msgid' in entry and any(values) and not (fuzzy and entry['msgid']):
            key = (entry['msgctxt'] + '\x04' if 'msgctxt' in entry else '') + entry['msgid']
            messages[key + ('\0' + entry['msgid_plural'] if plural else '')] = '\0'.join(values)
        entry.clear()

    for number, line in enumerate(lines, 1):
        line = line.strip()
        if line.startswith('#'):
            if line.startswith('#,') and 'fuzzy' in line:
                next_fuzzy = True
            continue
        found = re.match(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)\s*(".*")$', line)
        if found:
            key = found.group(1)
            if key == 'msgctxt' or (key == 'msgid' and not (len(entry) == 1 and 'msgctxt' in entry)):
                finish()
                fuzzy, next_fuzzy = next_fuzzy, False
            target = key
            entry[target] = unquote(found.group(2))
        elif line.startswith('"') and target in entry:
            entry[target] += unquote(line)
        elif line:
            raise ValueError(f'line {number} is not understood')
    finish()
    if '' in messages:
        # When the template was made is no part of a translation, and would differ each time: msgfmt drops it as well.
        messages[''] = re.sub(r'(?m)^POT-Creation-Date:.*\n', '', messages[''])
    return messages


def unquote(text):
    """A C string: https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html"""
    if len(text) < 2 or not text.endswith('"'):
        raise ValueError(f'{text} is no string')
    known = {'n': '\n', 't': '\t', 'r': '\r', 'a': '\a', 'b': '\b', 'f': '\f', 'v': '\v'}
    return re.sub(r'\\(.)', lambda match: known.get(match.group(1), match.group(1)), text[1:-1])


def missing_variable(text):
    """The environment variable that settings asked for, from what os.environ, django-environ and decouple say."""
    for pattern in (r"KeyError: '([A-Z][A-Z0-9_]*)'", r'[Ss]et the ([A-Z][A-Z0-9_]*) environment variable', r'([A-Z][A-Z0-9_]*) not found\. Declare it'):
        found = re.findall(pattern, text)
        if found:
            return found[-1]
    return None


class Collector:
    """collectstatic in a process of its own, which begins to import Django before the application is there."""

    def __init__(self, env):
        self.process = subprocess.Popen(
            [sys.executable, '-c', COLLECT], env=env, cwd='/tmp', stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding='utf-8', errors='replace',
        )

    def finish(self):
        """What it wrote and its exit code. The end of its input is the word that all is installed."""
        output, _ = self.process.communicate()
        return output, self.process.returncode


def collecting_environment(settings, static_root):
    os.makedirs(static_root, exist_ok=True)
    return {**THROWAWAY, **os.environ, 'DJANGO_SETTINGS_MODULE': settings, 'STATIC_ROOT': static_root, 'PYTHONWARNINGS': 'ignore'}


def collect_static(collector, env):
    for _ in range(20):
        output, code = collector.finish()
        name = missing_variable(output) if code else None
        if name is None or name in env:
            break
        print(f'note: the settings need {name}: a throwaway value serves for collecting static files')
        env[name] = 'only-for-collectstatic'
        collector = Collector(env)
    sys.stdout.write(output)
    if code == NOT_CONFIGURED:
        # What is configured where it runs (a file, a service) is no fault of the build.
        why = next((line for line in reversed(output.splitlines()) if 'ImproperlyConfigured' in line), 'ImproperlyConfigured').split(': ', 1)[-1].strip()
        print(f'note: the settings {env["DJANGO_SETTINGS_MODULE"]} need configuration that only the running site has, so no static files are collected: {why}')
    elif code:
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        sys.exit(f'collectstatic failed with the settings {env["DJANGO_SETTINGS_MODULE"]}: {lines[-1] if lines else code}')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--collectstatic')
    parser.add_argument('--static-root')
    parser.add_argument('--source')
    parser.add_argument('--into')
    parser.add_argument('--application')
    parser.add_argument('--import', dest='modules', nargs='*', default=[])
    parser.add_argument('--user', type=int)
    parser.add_argument('--installed', action='store_true', help='only look at what is there')
    options = parser.parse_args()
    env = {**THROWAWAY, **os.environ}
    collector = None
    if options.collectstatic:
        env = collecting_environment(options.collectstatic, options.static_root)
        collector = Collector(env)
    try:
        if options.installed:
            pass
        elif options.source:
            copy_source(options.source, options.into)
        else:
            check_release.check_libraries(list(install()))
    except BaseException:
        if collector:
            collector.process.kill()
        raise
    # Side by side with the collecting, which takes longer.
    importer = check_release.Importer(options.application, options.modules, options.user, env) if options.modules else None
    try:
        if collector:
            collect_static(collector, env)
    finally:
        results = importer.finish() if importer else {}
    if importer:
        check_release.tell_imports(results)


main()
