"""One package index in front of several, on the loopback interface of a container: pip can neither take one package from one index
only nor tell two logins for one host apart.

Needs nothing but Python's own library (3.9 or later). Reads the file that it is given, answers when it returns, and goes on in the
background until the container ends.
In: {"port": 31313, "timeout": 15, "retries": 5, "trustedHosts": [...], "indexes": [{"url": ..., "shown": ..., "isExplicit": false, "packages": [...],
    "login": "user:password" or null, "viaFront": false}]}, see `frontOf` in network/index-front.ts

/simple/NAME/              the files of a package in all indexes that may have it (PEP 503, 691)
/file/N/SCHEME/HOST/PATH   a file of the index N whose login pip cannot have
"""
import base64
import errno
import fnmatch
import html.parser
import http.server
import json
import os
import re
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

ACCEPT = 'application/vnd.pypi.simple.v1+json, text/html;q=0.1'
JSON = 'application/vnd.pypi.simple.v1+json'
LOOPBACK = ('127.0.0.1', '::1', 'localhost')
PASSED_ON = ('Content-Type', 'Content-Length', 'Content-Range', 'Accept-Ranges', 'ETag', 'Last-Modified', 'Cache-Control')


class Unanswered(Exception):
    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def normalize(name):
    return re.sub(r'[-_.]+', '-', name).lower()


def origin(url):
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {'http': 80, 'https': 443}.get(parts.scheme)


class SameHost(urllib.request.HTTPRedirectHandler):
    """A login goes along to the same host and to no other one."""

    def redirect_request(self, request, *rest):
        following = super().redirect_request(request, *rest)
        login = request.unredirected_hdrs.get('Authorization')
        if following and login and origin(following.full_url) == origin(request.full_url):
            following.add_unredirected_header('Authorization', login)
        return following


class Front:
    def __init__(self, options):
        self.options = options
        self.indexes = options['indexes']
        self.pages = {}
        unchecked = ssl.create_default_context()
        unchecked.check_hostname = False
        unchecked.verify_mode = ssl.CERT_NONE
        self.checked, self.unchecked = (
            urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), SameHost()) for context in (ssl.create_default_context(), unchecked)
        )

    def open(self, index, url, headers):
        request = urllib.request.Request(url, headers={'User-Agent': 'pip/26 (pypackage)', **headers})
        if index['login'] is not None and origin(url) == origin(index['url']):
            request.add_unredirected_header('Authorization', 'Basic ' + base64.b64encode(index['login'].encode()).decode())
        host = urllib.parse.urlsplit(url)
        is_trusted = host.hostname in self.options['trustedHosts'] or host.netloc in self.options['trustedHosts']
        if host.scheme == 'http' and not is_trusted and host.hostname not in LOOPBACK:
            # As pip does: it says so, and asks nobody.
            raise Unanswered(502, f'The package index {index["shown"]} is not encrypted and not trusted (trusted-host)')
        opener = self.unchecked if is_trusted else self.checked
        for attempt in range(self.options['retries'] + 1):
            try:
                return opener.open(request, timeout=self.options['timeout'])
            except urllib.error.HTTPError as error:
                if error.code < 500 or attempt == self.options['retries']:
                    raise
            except (OSError, urllib.error.URLError) as error:
                reason = getattr(error, 'reason', error)
                if attempt == self.options['retries'] or isinstance(reason, ssl.SSLCertVerificationError):
                    raise Unanswered(504, f'The package index {index["shown"]} cannot be asked: {reason}') from error
            time.sleep(min(0.25 * 2 ** attempt, 4))

    def chosen(self, name):
        """As `indexFor` (network/index-list.ts)."""
        named = [index for index in self.indexes if name in index['packages']]
        if named:
            return named
        for index in self.indexes:
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in index['packages']):
                return [index]
        return [index for index in self.indexes if not index['isExplicit']]

    def files(self, name):
        if name not in self.pages:
            found = {}
            known = False
            for index in self.chosen(name):
                page = self.page(index, name)
                known = known or page is not None
                for file in page or []:
                    found.setdefault(file['filename'], file)
            self.pages[name] = list(found.values()) if known else None
        return self.pages[name]

    def page(self, index, name):
        """None where it does not have the package."""
        try:
            with self.open(index, f'{index["url"].rstrip("/")}/{name}/', {'Accept': ACCEPT}) as response:
                content = response.read()
                base = response.geturl()
                kind = response.headers.get_content_type()
        except urllib.error.HTTPError as error:
            # Some indexes refuse what they do not have. One that refuses the login refuses everything.
            if error.code == 404 or (error.code == 403 and index['login'] is None):
                return None
            raise Unanswered(error.code, f'{error.reason} at the package index {index["shown"]}') from error
        read = files_of_json if kind == JSON else files_of_html
        files = read(content, base)
        if index['viaFront']:
            for file in files:
                if origin(file['url']) == origin(index['url']):
                    file['url'] = self.through(index, file['url'])
        return files

    def through(self, index, url):
        scheme, rest = url.split('://', 1)
        return f'http://127.0.0.1:{self.options["port"]}/file/{self.indexes.index(index)}/{scheme}/{rest}'


def files_of_json(content, base):
    files = json.loads(content)['files']
    for file in files:
        file['url'] = urllib.parse.urljoin(base, file['url'])
    return files


class Anchors(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.base = None

    def handle_starttag(self, tag, attributes):
        values = {name: '' if value is None else value for name, value in attributes}
        if tag == 'base' and self.base is None:
            self.base = values.get('href')
        if tag == 'a' and values.get('href'):
            self.found.append(values)


def files_of_html(content, base):
    anchors = Anchors()
    anchors.feed(content.decode('utf-8', 'replace'))
    files = []
    for values in anchors.found:
        url, fragment = urllib.parse.urldefrag(urllib.parse.urljoin(urllib.parse.urljoin(base, anchors.base or ''), values['href']))
        kind, _, digest = fragment.partition('=')
        file = {
            'filename': urllib.parse.unquote(urllib.parse.urlsplit(url).path.rsplit('/', 1)[-1]), 'url': url, 'hashes': {kind: digest} if digest else {},
        }
        if 'data-requires-python' in values:
            file['requires-python'] = values['data-requires-python']
        if 'data-yanked' in values:
            file['yanked'] = values['data-yanked'] or True
        metadata = values.get('data-core-metadata', values.get('data-dist-info-metadata'))
        if metadata is not None:
            kind, _, digest = metadata.partition('=')
            file['core-metadata'] = {kind: digest} if digest else metadata == 'true'
        files.append(file)
    return files


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        try:
            package = re.fullmatch(r'/simple/([^/?]+)/?', self.path)
            file = re.fullmatch(r'/file/(\d+)/(https?)/([^/]+)/(.+)', self.path)
            if package:
                self.answer_package(normalize(urllib.parse.unquote(package.group(1))))
            elif file:
                number, scheme, host, path = file.groups()
                # pip writes the colon before a port as %3A.
                self.answer_file(self.server.front.indexes[int(number)], f'{scheme}://{urllib.parse.unquote(host)}/{path}')
            else:
                self.refuse(404, 'Not Found')
        except Unanswered as error:
            self.refuse(error.status, str(error))
        except urllib.error.HTTPError as error:
            self.refuse(error.code, error.reason)
        except (ValueError, KeyError, IndexError) as error:
            self.refuse(502, f'What the package index sent cannot be read: {error}')
        except ConnectionError:
            self.close_connection = True

    do_HEAD = do_GET

    def refuse(self, status, reason):
        self.send_response(status, re.sub(r'[^ -~]+', ' ', reason))
        self.send_header('Content-Length', '0')
        self.end_headers()

    def answer_package(self, name):
        files = self.server.front.files(name)
        if files is None:
            return self.refuse(404, 'Not Found')
        content = json.dumps({'meta': {'api-version': '1.0'}, 'name': name, 'files': files}).encode()
        self.send_response(200)
        self.send_header('Content-Type', JSON)
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(content)

    def answer_file(self, index, url):
        if origin(url) != origin(index['url']):
            return self.refuse(404, 'Not Found')
        wanted = self.headers.get('Range')
        with self.server.front.open(index, url, {'Accept-Encoding': 'identity', **({'Range': wanted} if wanted else {})}) as response:
            self.send_response(response.status)
            for name in PASSED_ON:
                if response.headers.get(name):
                    self.send_header(name, response.headers[name])
            if not response.headers.get('Content-Length'):
                self.send_header('Connection', 'close')
            self.end_headers()
            if self.command == 'HEAD':
                self.close_connection = True
                return
            while chunk := response.read(1 << 16):
                self.wfile.write(chunk)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    # A second one would not be told that the place is taken.
    allow_reuse_address = False


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        front = Front(json.load(file))
    try:
        server = Server(('127.0.0.1', front.options['port']), Handler)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return  # a step before this one has begun it
        raise
    server.front = front
    if os.fork():
        os._exit(0)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    server.serve_forever()


main()
