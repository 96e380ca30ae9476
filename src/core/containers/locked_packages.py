"""Packages in the form of `LockedPackage` (locks/locked.ts), whoever names them."""
import os
import re

OUT = '/out'
# Resolving builds metadata inside folders, which leaves files there: it works on a copy. pip writes paths relative to its lock, and only
# of what lies below it.
SCRATCH = '/scratch'


def normalize(name):
    return re.sub(r'[-_.]+', '-', name).lower()


def requirement_name(requirement):
    return normalize(re.match(r'\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)', requirement).group(1))


def needs_build(package):
    return package['kind'] != 'files' or not package['files'][0]['file'].endswith('.whl')


def from_resolution(package):
    """One package of a pylock.toml that `pip lock` wrote (PEP 751)."""
    head = {'name': normalize(package['name']), 'version': package.get('version')}
    if 'vcs' in package:
        vcs = package['vcs']
        return {**head, 'kind': 'vcs', 'url': vcs.get('url') or vcs['path'], 'commit': vcs['commit-id'], 'subdirectory': vcs.get('subdirectory')}
    if 'directory' in package:
        return {**head, 'kind': 'directory', 'path': os.path.normpath('/' + package['directory']['path'])}
    if 'archive' in package:
        files = [('archive', package['archive'])]
    else:
        files = [('wheel', wheel) for wheel in package.get('wheels') or []] or [('sdist', package['sdist'])]
    return {**head, 'kind': 'files', 'files': [locked_file(kind, file) for kind, file in files]}


def locked_file(kind, file):
    url = file.get('url')
    path = file.get('path')
    name = file.get('name') or os.path.basename((url or path).split('#')[0].split('?')[0])
    return {
        'kind': kind, 'file': name, 'url': url, 'path': path and os.path.join(SCRATCH, path), 'sha256': file['hashes']['sha256'], 'size': file.get('size'),
        'subdirectory': file.get('subdirectory'),
    }
