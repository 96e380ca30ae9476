"""Installs the wheels of /run/pypackage/wheelhouse into /appenv, from inside a RUN of the release's build.

pip does it, from the builder's environment, by path and hash and without any index. Bytecode is compiled with unchecked
hashes (PEP 552): the image does not change, so nothing need be compared at import, and equal input gives equal bytes.
"""
import argparse
import compileall
import glob
import os
import py_compile
import re
import subprocess
import sys
import sysconfig

ROOT = '/run/pypackage'
# Settings modules ask for these at import; collecting static files needs neither a secret nor a database.
THROWAWAY = {
    'SECRET_KEY': 'only-for-collectstatic',
    'DJANGO_SECRET_KEY': 'only-for-collectstatic',
    'DATABASE_URL': 'sqlite:////tmp/pypackage-collectstatic.sqlite3',
}
COLLECT = """
import sys, django
from django.conf import settings
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


def installed_files(before):
    """Python files of what was installed by this call, from the RECORD of each new distribution."""
    site = sysconfig.get_path('purelib')
    for record in set(glob.glob(os.path.join(site, '*.dist-info', 'RECORD'))) - before:
        with open(record, encoding='utf-8') as lines:
            for line in lines:
                path = line.rsplit(',', 2)[0].strip('"')
                if path.endswith('.py') and not path.startswith('..'):
                    yield os.path.join(site, path)


def install():
    site = sysconfig.get_path('purelib')
    before = set(glob.glob(os.path.join(site, '*.dist-info', 'RECORD')))
    sys.path[:0] = glob.glob(ROOT + '/pip/lib/python3.*/site-packages')
    from pip._internal.cli.main import main
    code = main([
        'install', '--no-index', '--no-deps', '--require-hashes', '--no-compile', '--no-cache-dir', '--quiet', '--disable-pip-version-check',
        '--root-user-action=ignore', '--no-warn-script-location', '-r', ROOT + '/wheelhouse/requirements.txt',
    ])
    if code != 0:
        sys.exit(code)
    for path in installed_files(before):
        compileall.compile_file(path, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)


def missing_variable(text):
    """The environment variable that settings asked for, from what os.environ, django-environ and decouple say."""
    for pattern in (r"KeyError: '([A-Z][A-Z0-9_]*)'", r'[Ss]et the ([A-Z][A-Z0-9_]*) environment variable', r'([A-Z][A-Z0-9_]*) not found\. Declare it'):
        found = re.findall(pattern, text)
        if found:
            return found[-1]
    return None


def collect_static(settings, static_root):
    os.makedirs(static_root, exist_ok=True)
    env = {**THROWAWAY, **os.environ, 'DJANGO_SETTINGS_MODULE': settings, 'STATIC_ROOT': static_root, 'PYTHONWARNINGS': 'ignore'}
    for _ in range(20):
        done = subprocess.run([sys.executable, '-c', COLLECT], env=env, cwd='/tmp', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', errors='replace')
        name = missing_variable(done.stdout) if done.returncode else None
        if name is None or name in env:
            break
        print(f'note: the settings need {name}: a throwaway value serves for collecting static files')
        env[name] = 'only-for-collectstatic'
    sys.stdout.write(done.stdout)
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        sys.exit(f'collectstatic failed with the settings {settings}: {lines[-1] if lines else done.returncode}')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--collectstatic')
    parser.add_argument('--static-root')
    options = parser.parse_args()
    install()
    if options.collectstatic:
        collect_static(options.collectstatic, options.static_root)


main()
