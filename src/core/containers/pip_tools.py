"""What the pinned pip does for us in its own process and in this one: resolving, downloading, unpacking.

Its internals may be used, as its version is pinned by hash (images/tools.ts). pip's configuration (indexes, logins, proxies,
authorities) is read by pip itself, so that everything here reaches the network as pip does.
"""
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import threading

# pip, telling of an index that it could not ask: otherwise it says only that there is no such package. Where the index has metadata apart from
# files (PEP 658) resolving downloads no file; they come afterwards, side by side.
BOOTSTRAP = '''
import logging, runpy, sys
class Told(logging.Handler):
    def emit(self, record):
        text = record.getMessage()
        if text.startswith('Could not fetch URL') and '404 Client Error' not in text:
            print('WARNING:', text, file=sys.stderr, flush=True)
logger = logging.getLogger('pip._internal.index.collector')
logger.setLevel(logging.DEBUG)
logger.addHandler(Told())
runpy.run_module('pip', run_name='__main__', alter_sys=True)
'''
PIP = [sys.executable, '-c', BOOTSTRAP]
QUIET = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off']


class Failed(Exception):
    """A program ended with an exit code that is not 0; its output is told already."""

    def __init__(self, code, lines=()):
        super().__init__(f'exit code {code}')
        self.code = code
        self.lines = lines


_running = set()


def stop_all():
    """Ends every program that runs, and what it has started."""
    for process in list(_running):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def run(command, step, on_line=None, **options):
    """Runs a program; each line it prints is a line of the step.

    @raise Failed with the last lines
    """
    lines = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', errors='replace', start_new_session=True, **options,
    ) as process:
        _running.add(process)
        try:
            for line in process.stdout:
                lines = lines[-199:] + [line.rstrip('\n')]
                step.log(line)
                if on_line:
                    on_line(line)
        finally:
            _running.discard(process)
    if process.returncode:
        raise Failed(process.returncode if process.returncode > 0 else 1, lines)


def load_toml(path):
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.9 and 3.10
        from pip._vendor import tomli as tomllib
    with open(path, 'rb') as file:
        return tomllib.load(file)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        for chunk in iter(lambda: file.read(1 << 20), b''):
            digest.update(chunk)
    return digest.hexdigest()


def lock(requirements, constraints, output, step, on_line=None):
    """`pip lock`: requirements → the packages of a pylock.toml (PEP 751) for this Python and platform."""
    if not requirements:
        return []
    with tempfile.TemporaryDirectory() as folder:
        wanted = os.path.join(folder, 'requirements.in')
        with open(wanted, 'w', encoding='utf-8') as file:
            file.write(''.join(f'{line}\n' for line in requirements))
        bounds = os.path.join(folder, 'constraints.txt')
        with open(bounds, 'w', encoding='utf-8') as file:
            file.write(''.join(f'{line}\n' for line in constraints))
        run([*PIP, 'lock', *QUIET, '-r', wanted, *(['-c', bounds] if constraints else []), '-o', output], step, on_line)
    return load_toml(output).get('packages', [])


_local = threading.local()


def _tools():
    """pip's own command, options and session, one set a thread: sessions of requests are not made to be shared."""
    if not hasattr(_local, 'session'):
        from pip._internal.commands import create_command
        _local.command = create_command('download')
        _local.options, _ = _local.command.parse_args(QUIET)
        _local.session = _local.command._build_session(_local.options)
        _local.finders = {}
    return _local


def finder(index):
    """Of the configured indexes, or of one in their place."""
    from pip._internal.models.search_scope import SearchScope
    own = _tools()
    if index not in own.finders:
        own.finders[index] = own.command._build_package_finder(own.options, own.session)
        if index:
            own.finders[index].search_scope = SearchScope.create(find_links=[], index_urls=[index], no_index=False)
    return own.finders[index]


def find_url(name, file, digest, index=None):
    """Where an index has this file: what a lock names by file name and hash only.

    @param index simple API to ask in place of the configured ones
    @return None when it has it not
    """
    for candidate in finder(index).find_all_candidates(name):
        link = candidate.link
        if link.filename == file and (link.hash is None or link.hash_name != 'sha256' or link.hash == digest):
            return link.url
    return None


def find_by_hashes(name, version, digests, index=None):
    """The best file of a version whose hash is listed: what pip takes of hashed requirements. (URL, file name, its hash or None)"""
    from pip._internal.utils.hashes import Hashes
    from pip._vendor.packaging.specifiers import SpecifierSet
    best = finder(index).find_best_candidate(name, SpecifierSet(f'=={version}'), Hashes({'sha256': list(digests)})).best_candidate
    if best is None:
        return None
    link = best.link
    return link.url, link.filename, link.hash if link.hash_name == 'sha256' else None


def download(url, path, digest, progress):
    """Streams a URL to a file that appears only when it is whole and has the hash.

    @raise OSError and the exceptions of requests; ValueError for another hash
    """
    from pip._internal.network.utils import HEADERS, raise_for_status, response_chunks
    expected = None
    temporary = f'{path}.{os.getpid()}.{threading.get_ident()}'
    for attempt in range(3):
        try:
            with _tools().session.get(url.split('#')[0], headers=HEADERS, stream=True) as response:
                raise_for_status(response)
                expected = int(response.headers.get('content-length') or 0) or None
                found = hashlib.sha256()
                size = 0
                with open(temporary, 'wb') as file:
                    for chunk in response_chunks(response):
                        file.write(chunk)
                        found.update(chunk)
                        size += len(chunk)
                        progress.add(len(chunk))
            if expected is not None and size < expected:
                raise EOFError(f'Download failed after {attempt + 1} attempts because not enough bytes were received ({size} of {expected}) URL: {url}')
            if digest and found.hexdigest() != digest:
                raise ValueError(f'{os.path.basename(path)} has the sha256 {found.hexdigest()}, and {digest} is locked ({url})')
            os.replace(temporary, path)
            return
        except (ValueError, KeyboardInterrupt):
            raise
        except Exception as error:
            if attempt == 2 or 'Client Error' in str(error):
                raise
        finally:
            if os.path.exists(temporary):
                os.unlink(temporary)


def unpack(archive, folder):
    """Unpacks a source archive. Its only top folder becomes `folder`."""
    from pip._internal.utils.unpacking import unpack_file
    unpack_file(archive, folder)
