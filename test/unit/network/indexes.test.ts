import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { NetworkQuestion } from '../../../src/core/network.js';
import { readNetwork as read } from '../../../src/core/network.js';
import type { Network } from '../../../src/core/network.js';
import { networkChecks } from '../../../src/core/network/describe.js';
import { withoutFront } from '../../../src/core/network/index-front.js';
import { indexFor } from '../../../src/core/network/index-list.js';
import { Redactor } from '../../../src/core/redactor.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pypackage-indexes-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, content: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
  await chmod(join(root, path), mode);
}

function readNetwork(env: Readonly<Record<string, string>> = {}, question: NetworkQuestion = {}): Promise<Network> {
  return read({ HOME: join(root, 'home'), ...env }, { shared: join(root, 'etc'), folder: join(root, 'project'), ...question });
}

/** `name url *explicit [pins] <source> login-source` of each. */
function shown({ indexes }: Pick<Network, 'indexes'>): readonly string[] {
  return indexes.list.map(({ name, url, isExplicit, packages, source, loginSource }) =>
    [name, url, isExplicit && 'explicit', packages.join(',') || undefined, `(${source})`, loginSource && `login: ${loginSource}`].filter(Boolean).join(' '),
  );
}

describe("pip's files", () => {
  it('are read in its order: for all users, the legacy one, the own one, the environment that is active, the variables', async () => {
    const files = ['etc/xdg/pip/pip.conf', 'etc/pip.conf', 'home/.pip/pip.conf', 'home/.config/pip/pip.conf', 'venv/pip.conf'];
    const env = { VIRTUAL_ENV: join(root, 'venv') };
    for (const file of files) {
      await put(file, `[global]\nindex-url = https://${file.replaceAll('/', '-')}/simple\n`);
      expect((await readNetwork(env)).indexes.list[0]?.url).toBe(`https://${file.replaceAll('/', '-')}/simple`);
    }
    expect(shown(await readNetwork({ ...env, PIP_INDEX_URL: 'https://of.env/simple' }))).toEqual(['https://of.env/simple (PIP_INDEX_URL)']);
  });

  it('of PIP_CONFIG_FILE take the place of the own ones, and os.devnull of all', async () => {
    await put('etc/pip.conf', '[global]\nindex-url = https://all/simple\ntimeout = 7\n');
    await put('home/.config/pip/pip.conf', '[global]\nretries = 9\n');
    await put('named.conf', '[global]\nindex-url = https://named/simple\n');
    const { pipConf } = await readNetwork({ PIP_CONFIG_FILE: join(root, 'named.conf') });
    expect(pipConf).toBe('[global]\nindex-url = https://named/simple\ntimeout = 7\n');
    expect((await readNetwork({ PIP_CONFIG_FILE: '/dev/null' })).pipConf).toBeUndefined();
  });

  it('have sections of commands, continued lines, comments and both forms of names; what is not on the list stays at home', async () => {
    await put(
      'home/.config/pip/pip.conf',
      [
        '; comment',
        '[install]',
        'index_url: https://of.install/simple',
        'target = /host',
        '[global]',
        'index-url = https://of.global/simple',
        'extra-index-url =',
        '    https://a.corp/simple',
        '# in between',
        '    https://b.corp/simple',
        'trusted-host = a.corp b.corp',
        '[list]',
        'format = columns',
      ].join('\r\n'),
    );
    expect((await readNetwork()).pipConf).toBe(
      '[global]\nindex-url = https://of.install/simple\nextra-index-url = https://a.corp/simple\n    https://b.corp/simple\ntrusted-host = a.corp\n    b.corp\n',
    );
  });

  it('name an authority, a certificate and a proxy, too', async () => {
    const pem = `-----BEGIN CERTIFICATE-----\n${'Q'.repeat(64)}\n-----END CERTIFICATE-----\n`;
    await put('ca.pem', pem);
    await put('client.pem', 'certificate and key');
    await put('home/.config/pip/pip.conf', `[global]\ncert = ${root}/ca.pem\nclient-cert = ${root}/client.pem\nproxy = http://me:pass-word@proxy:1\n`);
    const network = await readNetwork();
    expect([network.ca, network.caSources, network.clientCert]).toEqual([pem, [`${root}/ca.pem (~/.config/pip/pip.conf)`], 'certificate and key']);
    expect(network.proxies).toEqual({ http_proxy: 'http://me:pass-word@proxy:1', https_proxy: 'http://me:pass-word@proxy:1' });
    expect((await readNetwork({ https_proxy: 'http://of.env:1' })).proxies['https_proxy']).toBe('http://of.env:1');
  });

  it('switch the indexes off, and name folders and pages with wheels', async () => {
    const network = await readNetwork({ PIP_NO_INDEX: '1', PIP_FIND_LINKS: `${root}/wheels ~/more file:///last%20one https://me:pass-word@links.corp/x` });
    expect(network.indexes).toMatchObject({ isOff: true, folders: [`${root}/wheels`, `${root}/home/more`, '/last one'] });
    expect(network.pipConf).toBe('[global]\nno-index = true\nfind-links = https://links.corp/x\n');
    expect(network.netrc).toBe('machine links.corp login me password pass-word\n');
  });
});

describe("uv's settings", () => {
  it('come from variables, then from the own file, then from the one for all users', async () => {
    await put('etc/uv/uv.toml', 'index-url = "https://for.all/simple"\n');
    await put(
      'home/.config/uv/uv.toml',
      '[[index]]\nname = "own"\nurl = "https://own/simple"\nexplicit = true\n\n[[index]]\nurl = "https://main/simple"\ndefault = true\n',
    );
    expect(shown(await readNetwork())).toEqual(['https://main/simple (~/.config/uv/uv.toml)', 'own https://own/simple explicit (~/.config/uv/uv.toml)']);
    expect(shown(await readNetwork({ UV_INDEX: 'named=https://a/simple https://b/simple', UV_DEFAULT_INDEX: 'https://d/simple', UV_NO_CONFIG: '1' }))).toEqual([
      'https://d/simple (UV_DEFAULT_INDEX)',
      'named https://a/simple (UV_INDEX)',
      'https://b/simple (UV_INDEX)',
    ]);
    expect(shown(await readNetwork({ UV_INDEX_URL: 'https://old/simple', UV_EXTRA_INDEX_URL: 'https://x/simple', UV_NO_CONFIG: 'true' }))).toEqual([
      'https://old/simple (UV_INDEX_URL)',
      'https://x/simple (UV_EXTRA_INDEX_URL)',
    ]);
  });

  it('that are broken are said, and do not stop the work', async () => {
    await put('home/.config/uv/uv.toml', 'index-url = \n');
    const network = await readNetwork();
    expect(network.notes).toEqual([expect.stringMatching(/^~\/\.config\/uv\/uv\.toml is not valid TOML.*; it is not used$/)]);
    expect(shown(network)).toEqual(['pypi https://pypi.org/simple (pip)']);
  });
});

describe('indexes of a project', () => {
  const UV = `[tool.uv.sources]
torch = { index = "pytorch" }
"My.Lib" = [{ index = "inner", marker = "sys_platform == 'linux'" }, { index = "pytorch" }]

[[tool.uv.index]]
name = "inner"
url = "https://inner.corp/simple/"

[[tool.uv.index]]
name = "pytorch"
url = "https://download.example/whl/cpu"
explicit = true
`;

  it('of uv are beside the default one, with the packages that are pinned to them', async () => {
    await put('project/pyproject.toml', UV);
    const { indexes, front } = await readNetwork();
    expect(shown({ indexes })).toEqual([
      'pypi https://pypi.org/simple (pip)',
      'inner https://inner.corp/simple my-lib (pyproject.toml)',
      'pytorch https://download.example/whl/cpu explicit torch,my-lib (pyproject.toml)',
    ]);
    expect(front).toBeDefined();
    const from = (name: string): readonly (string | undefined)[] => indexFor(name, indexes.list).indexes.map(({ name: index }) => index);
    expect([from('Torch'), from('my_lib'), from('six')]).toEqual([['pytorch'], ['inner', 'pytorch'], ['pypi', 'inner']]);
  });

  it('of the workspace that it is a member of count for uv, too', async () => {
    await put('pyproject.toml', `${UV}\n[tool.uv.workspace]\nmembers = ["project"]\n`);
    await put('project/pyproject.toml', '[tool.uv.sources]\ntorch = { index = "inner" }\n');
    const list = shown(await readNetwork());
    expect(list[1]).toBe('inner https://inner.corp/simple torch,my-lib (pyproject.toml of the workspace)');
    expect(list[2]).toBe('pytorch https://download.example/whl/cpu explicit my-lib (pyproject.toml of the workspace)');
  });

  it('of Poetry and PDM count, and those of pypackage.json', async () => {
    await put(
      'project/pyproject.toml',
      `[tool.poetry.dependencies]\nown-lib = { version = "*", source = "corp" }\nsix = { version = "*", source = "PyPI" }\n
[[tool.poetry.source]]\nname = "corp"\nurl = "https://corp/simple"\npriority = "explicit"\n
[[tool.pdm.source]]\nname = "pdm-one"\nurl = "https://\${USER_NAME}:\${PASS_WORD}@pdm.corp/simple"\ninclude_packages = ["acme-*"]\n`,
    );
    const network = await readNetwork(
      { USER_NAME: 'me', PASS_WORD: 'do-not-tell' },
      { indexes: [{ name: 'third', url: 'https://third/simple', packages: ['Zope.*'] }] },
    );
    expect(shown(network)).toEqual([
      'pypi https://pypi.org/simple six (pip)',
      'third https://third/simple zope-* (pypackage.json)',
      'corp https://corp/simple explicit own-lib (pyproject.toml)',
      'pdm-one https://pdm.corp/simple acme-* (pyproject.toml)',
    ]);
    expect(JSON.stringify([network, network.front])).not.toContain('do-not-tell');
    expect(indexFor('acme-tools', network.indexes.list)).toMatchObject({ isPinned: true, indexes: [{ name: 'pdm-one' }] });
    expect(indexFor('zope.interface', network.indexes.list)).toMatchObject({ isPinned: true, indexes: [{ name: 'third' }] });
  });

  it("give way to the user's default, and take the place of the public one where the user has none", async () => {
    await put('project/pyproject.toml', '[[tool.uv.index]]\nurl = "https://project/simple"\ndefault = true\n');
    expect(shown(await readNetwork())).toEqual(['https://project/simple (pyproject.toml)']);
    expect(shown(await readNetwork({ PIP_INDEX_URL: 'https://mirror/simple' }))).toEqual([
      'https://mirror/simple (PIP_INDEX_URL)',
      'https://project/simple (pyproject.toml)',
    ]);
    await put('project/pyproject.toml', '[[tool.uv.index]]\nurl = "https://pypi.org/simple/"\ndefault = true\n');
    expect(shown(await readNetwork({ PIP_INDEX_URL: 'https://mirror/simple' }))).toEqual(['https://mirror/simple (PIP_INDEX_URL)']);
  });

  it('that are pinned to and named by nobody are an error, and so is what is no address', async () => {
    await put('project/pyproject.toml', '[tool.uv.sources]\nfoo = { index = "nowhere" }\n');
    await expect(readNetwork()).rejects.toMatchObject({ code: 'index-unknown', message: 'foo is to come from the index "nowhere", which has no address' });
    expect(shown(await readNetwork({ UV_INDEX: 'nowhere=https://here/simple' }))[1]).toBe('nowhere https://here/simple foo (UV_INDEX)');
    await expect(readNetwork({ PIP_INDEX_URL: 'ftp://x/simple' })).rejects.toMatchObject({ code: 'index-url-invalid' });
  });
});

test('a person is told what is used and who said so, without any login', async () => {
  await put('home/.netrc', 'machine inner.corp login me password secret-word\n');
  const env = {
    UV_INDEX: 'inner=https://inner.corp/simple',
    HTTPS_PROXY: 'http://me:secret-proxy@proxy.corp:3128',
    NODE_EXTRA_CA_CERTS: join(root, 'absent.pem'),
  };
  const indexes = [{ name: 'torch', url: 'https://torch/simple', packages: ['torch'] }];
  const checks = networkChecks(await readNetwork(env, { indexes }));
  expect(checks.map(({ name, state, text }) => `${name} ${state} ${text}`)).toEqual([
    'proxy ok http://proxy.corp:3128 (https_proxy)',
    "index ok pypi: https://pypi.org/simple (pip's default)",
    'index ok inner: https://inner.corp/simple (UV_INDEX), login from ~/.netrc',
    'index ok torch: https://torch/simple (pypackage.json), the only one for torch',
    'index ok pip asks them through one of ours inside the container, which keeps pins and logins apart',
    expect.stringMatching(/^network warning NODE_EXTRA_CA_CERTS names .*absent\.pem, which cannot be read/),
  ]);
  expect(networkChecks(await readNetwork({ ...env, PIP_FIND_LINKS: '/wheels' }, { offline: true })).map(({ text }) => text)).toContain(
    'none is asked: wheels come from /wheels',
  );
});

test('those that a requirements file names come later, each address once, with the logins that are known', async () => {
  await put('home/.netrc', 'machine later.corp login me password secret-word\n');
  await put('project/pyproject.toml', '[[tool.uv.index]]\nname = "inner"\nurl = "https://inner/simple"\n');
  const later = [
    { name: 'inner', url: 'https://inner/simple', packages: ['acme-*'], searched: true, isDefault: false },
    { name: 'later.corp', url: 'https://later.corp/simple', packages: [], searched: true, isDefault: true },
  ];
  const network = await (await readNetwork()).including(later);
  expect(shown(network)).toEqual([
    'later.corp https://later.corp/simple (requirements of the project) login: ~/.netrc',
    'inner https://inner/simple acme-* (pyproject.toml)',
  ]);
  expect(shown(await (await readNetwork({ PIP_INDEX_URL: 'https://mirror/simple' })).including(later))[0]).toBe('https://mirror/simple (PIP_INDEX_URL)');
});

describe('logins', () => {
  const INNER = '[[tool.uv.index]]\nname = "inner"\nurl = "https://inner.corp/simple"\n';
  const NETRC =
    'machine other.corp login o password not-for-inner # comment\nmachine inner.corp\n  login me\n  password "pass \\"word"\ndefault login x password for-anybody\n';

  it('of netrc are for exactly the host that they were written for', async () => {
    await put('home/.netrc', NETRC);
    await put('project/pyproject.toml', `${INNER}\n[[tool.uv.index]]\nurl = "https://evil.example/simple"\n`);
    const redactor = new Redactor();
    const network = await readNetwork({}, { redactor });
    expect(shown(network)).toEqual([
      'pypi https://pypi.org/simple (pip)',
      'inner https://inner.corp/simple (pyproject.toml) login: ~/.netrc',
      'https://evil.example/simple (pyproject.toml)',
    ]);
    expect([...network.indexes.logins.values()]).toEqual([{ user: 'me', password: 'pass "word', source: '~/.netrc' }]);
    expect(redactor.redact('pass "word')).toBe('***');
    // A blank cannot stand in a netrc file of every Python, so it goes through the front.
    expect([network.netrc, JSON.parse(network.front ?? '')]).toMatchObject([
      undefined,
      { indexes: [{ login: null }, { login: 'me:pass "word', viaFront: true }, {}] },
    ]);
  });

  it('are not sent without encryption where a repository says so', async () => {
    await put('home/.netrc', 'machine inner.corp login me password secret-word\n');
    await put('project/pyproject.toml', INNER.replace('https', 'http'));
    expect((await readNetwork()).indexes.logins.size).toBe(0);
    expect((await readNetwork({ PIP_EXTRA_INDEX_URL: 'http://inner.corp/simple' })).indexes.logins.size).toBe(1);
  });

  it("for a name are given to the host that the user's own settings name, or confirm", async () => {
    await put('project/pyproject.toml', INNER);
    const env = { UV_INDEX_INNER_USERNAME: 'me', UV_INDEX_INNER_PASSWORD: 'secret-word' };
    const refused = await readNetwork(env);
    expect(refused.indexes.logins.size).toBe(0);
    expect(refused.notes).toEqual([
      'UV_INDEX_INNER_PASSWORD is not given to inner (inner.corp): only pyproject.toml says where that is; PYPACKAGE_INDEX_HOSTS=inner=inner.corp in your environment confirms it',
    ]);
    for (const more of [{ UV_INDEX: 'inner=https://inner.corp/simple' }, { PYPACKAGE_INDEX_HOSTS: 'x=y inner=inner.corp' }]) {
      const { netrc, notes } = await readNetwork({ ...env, ...more });
      expect([netrc, notes]).toEqual(['machine inner.corp login me password secret-word\n', []]);
    }
    expect((await readNetwork({ ...env, PYPACKAGE_INDEX_HOSTS: 'inner=other.corp' })).netrc).toBeUndefined();
  });

  it('of Poetry come from variables and from its file', async () => {
    await put('home/.config/pypoetry/auth.toml', '[http-basic.my-inner]\nusername = "me"\npassword = "secret-word"\n');
    await put('project/pyproject.toml', '[[tool.poetry.source]]\nname = "my-inner"\nurl = "https://inner.corp/simple"\npriority = "supplemental"\n');
    const confirmed = { PYPACKAGE_INDEX_HOSTS: 'my-inner=inner.corp' };
    expect((await readNetwork(confirmed)).netrc).toBe('machine inner.corp login me password secret-word\n');
    const env = { ...confirmed, POETRY_HTTP_BASIC_MY_INNER_USERNAME: 'ci', POETRY_HTTP_BASIC_MY_INNER_PASSWORD: 'other-word' };
    expect((await readNetwork(env)).netrc).toBe('machine inner.corp login ci password other-word\n');
  });

  it('two for one host are told apart by the front: no netrc file can', async () => {
    const { pipConf, netrc, front, proxies } = await readNetwork({
      PIP_INDEX_URL: 'https://a:one-word@h.corp/x/simple',
      PIP_EXTRA_INDEX_URL: 'https://b:two-word@h.corp/y/simple https://c:three-word@other.corp/simple',
      https_proxy: 'http://proxy:1',
    });
    expect(pipConf).toBe('[global]\nindex-url = http://127.0.0.1:31313/simple\n');
    expect(netrc).toBe('machine other.corp login c password three-word\n');
    expect(JSON.parse(front ?? '')).toMatchObject({
      indexes: [
        { url: 'https://h.corp/x/simple', login: 'a:one-word', viaFront: true },
        { url: 'https://h.corp/y/simple', login: 'b:two-word', viaFront: true },
        { url: 'https://other.corp/simple', login: 'c:three-word', viaFront: false },
      ],
    });
    expect(proxies).toEqual({ https_proxy: 'http://proxy:1', no_proxy: '127.0.0.1' });
    expect(withoutFront('http://127.0.0.1:31313/file/0/https/h.corp%3A8443/x/a%20b.whl')).toBe('https://h.corp:8443/x/a%20b.whl');
    expect(withoutFront('https://h.corp/x/a.whl')).toBe('https://h.corp/x/a.whl');
  });

  describe('in a keyring', () => {
    const KEYRING = `#!/bin/sh
echo "$@" >> "$KEYRING_ASKED"
case "$*" in
  'get https://a.corp/simple me') echo from-keyring ;;
  '--mode creds --output json get b.corp') echo '{"username": "you", "password": "also-kept"}' ;;
  *) exit 1 ;;
esac
`;
    const urls = { PIP_INDEX_URL: 'https://me@a.corp/simple', PIP_EXTRA_INDEX_URL: 'https://b.corp/simple https://c:known-word@c.corp/simple' };

    it('are asked for by its command line, only where pip or uv are set to do so, and when they are needed', async () => {
      await put('bin/keyring', KEYRING, 0o755);
      const asked = join(root, 'asked');
      const env = { ...urls, PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`, KEYRING_ASKED: asked };
      const without = await (await readNetwork(env)).complete();
      expect(without.netrc).toBe('machine a.corp login me password ""\nmachine c.corp login c password known-word\n');
      for (const provider of [{ PIP_KEYRING_PROVIDER: 'subprocess' }, { UV_KEYRING_PROVIDER: 'subprocess' }]) {
        const redactor = new Redactor();
        const quick = await readNetwork({ ...env, ...provider }, { redactor });
        expect(quick.netrc).toBe(without.netrc);
        const complete = await quick.complete();
        expect(complete.netrc).toBe(
          'machine a.corp login me password from-keyring\nmachine b.corp login you password also-kept\nmachine c.corp login c password known-word\n',
        );
        expect(complete.indexes.list.map(({ loginSource }) => loginSource)).toEqual(['keyring', 'keyring', 'PIP_EXTRA_INDEX_URL']);
        expect(redactor.redact('from-keyring also-kept')).toBe('*** ***');
        expect(await quick.complete()).toBe(complete);
      }
    });

    it('are done without where it is not installed, which is said', async () => {
      const network = await (await readNetwork({ ...urls, PIP_KEYRING_PROVIDER: 'import', PATH: join(root, 'bin') })).complete();
      expect(network.notes).toEqual(['keyring was not asked for logins of package indexes: it is not installed']);
    });
  });
});
