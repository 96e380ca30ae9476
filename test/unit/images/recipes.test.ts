/** Recipes as text. That engines take them is tested where they are built. */
import { describe, expect, test } from 'vitest';
import { baseRecipe } from '../../../src/core/images/base.js';
import { builderRecipe } from '../../../src/core/images/builder.js';
import { releaseCommand } from '../../../src/core/images/command.js';
import type { CommandFacts } from '../../../src/core/images/command.js';
import { envLine, execForm, runLine } from '../../../src/core/images/dockerfile.js';
import { layerRecipe } from '../../../src/core/images/layer.js';
import { relabelRecipe, releaseRecipe } from '../../../src/core/images/release.js';
import { compilingTable, packageWithHeader, packagesForCompiling } from '../../../src/core/images/system-packages.js';
import { pipRequirement } from '../../../src/core/images/tools.js';

const builder = {
  base: 'local/app-base:1',
  python: '3.11',
  distribution: 'debian-12',
  systemPython: true,
  systemPackages: ['libpq-dev', 'git'],
  buildRequires: ['setuptools>=77'],
  areLocked: false,
};
const layer = {
  base: 'local/app-base:1',
  builder: 'local/app-builder:2',
  dependencies: 'local/app-deps:3',
  distribution: 'debian-12',
  systemPackages: ['libpq5'],
  sourceDateEpoch: 7,
};
const release = {
  layer: 'local/app-deps:layer-4',
  builder: 'local/app-builder:2',
  application: 'local/app-wheels:5',
  name: 'app',
  modules: ['app', 'plugins.one'],
  settingsModule: 'app.settings',
  site: undefined,
  processes: {},
  command: { words: ['gunicorn', 'app.wsgi:application'], reason: '', serves: true },
  sourceDateEpoch: 7,
};

function instructions(text: string): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

describe('syntax', () => {
  test('values of ENV stand for themselves', () => {
    expect(envLine({ A: 'say "hi" for $5 \\ each', B: '' })).toBe('ENV A="say \\"hi\\" for \\$5 \\\\ each" \\\n    B=""');
  });

  test('words of a command stay words', () => {
    expect(execForm(['sh', '-c', 'echo "$1"', "it's", '*'])).toBe('["sh","-c","echo \\"$1\\"","it\'s","*"]');
  });

  test('commands of a RUN depend on each other', () => {
    expect(runLine({ mounts: ['type=a', 'type=b'], commands: ['x', 'y'] })).toBe('RUN --mount=type=a \\\n    --mount=type=b \\\n    x \\\n && y');
    expect(runLine({ commands: ['x'] })).toBe('RUN x');
  });
});

describe('every recipe', () => {
  const recipes = [baseRecipe({ reference: 'python:3.13' }), builderRecipe(builder), layerRecipe(layer), releaseRecipe(release)];

  test.each(recipes.map((recipe) => [recipe.name, recipe] as const))(
    '%s has the files that it mounts or copies, and no syntax that needs a frontend',
    (name, recipe) => {
      expect(recipe.text.split('\n')[0]).toContain(name);
      expect(recipe.text.endsWith('\n')).toBe(true);
      expect(recipe.text).not.toMatch(/^# syntax=|<<|--link/m);
      const wanted = [...recipe.text.matchAll(/type=bind,source=([^,]+)/g), ...recipe.text.matchAll(/^COPY --chmod=\d+ (\S+)/gm)].map(
        (match) => match[1] ?? '',
      );
      expect(new Set(wanted)).toEqual(new Set(Object.keys(recipe.files)));
    },
  );

  test('only the builder ends as root', () => {
    const users = recipes.map(({ name, text }) => `${name} ${instructions(text).findLast((line) => line.startsWith('USER'))}`);
    expect(users).toEqual(['Dockerfile.base USER 10001:0', 'Dockerfile.builder USER 0', 'Dockerfile.layer USER 10001:0', 'Dockerfile.release USER 10001:0']);
  });
});

describe('base', () => {
  const lines = instructions(baseRecipe({ reference: 'python:3.13-slim' }).text);

  test('a user without privileges, an environment first on PATH, an entrypoint in exec form', () => {
    expect(lines[0]).toBe('FROM python:3.13-slim');
    expect(lines.join('\n')).toContain('useradd --uid 10001 --gid 0');
    expect(lines.find((line) => line.startsWith('ENV'))).toContain('PATH="/appenv/bin:');
    expect(lines.slice(-2)).toEqual(['ENTRYPOINT ["/usr/local/bin/pypackage-entrypoint"]', 'CMD ["python"]']);
  });
});

describe('builder', () => {
  test('installs what is needed once, sorted, with the network only while it runs', () => {
    const lines = instructions(builderRecipe(builder).text);
    const apt = lines.find((line) => line.includes('apt-get')) ?? '';
    expect(apt).toContain('--no-install-recommends build-essential git libffi-dev libpq-dev libssl-dev pkg-config python3-dev python3-venv');
    for (const line of lines.filter((text) => text.startsWith('RUN'))) {
      expect(line).toContain('--mount=type=secret,id=pypackage-ca --mount=type=secret,id=pypackage-pip-conf');
      expect(line).toContain('. /run/pypackage/network.sh');
    }
    expect(lines.at(-1)).toBe('ENTRYPOINT []');
  });

  test("a Python that is not the distribution's brings its own headers", () => {
    expect(builderRecipe({ ...builder, systemPython: false }).text).not.toContain('python3-dev');
  });

  test('build requirements are a file, so that a marker or a bracket in them needs no quoting', () => {
    const recipe = builderRecipe({ ...builder, buildRequires: ['a[b]>=1 ; python_version < "3.12"', 'c'] });
    expect(recipe.files['build-requires.txt']).toBe('a[b]>=1 ; python_version < "3.12"\nc\n');
    const locked = builderRecipe({ ...builder, buildRequires: ['c==1.0 --hash=sha256:00'], areLocked: true });
    expect(locked.text).toContain('--require-hashes --no-deps -r /run/pypackage/build-requires.txt');
    const none = builderRecipe({ ...builder, buildRequires: [] });
    expect(none.text).not.toContain('build-requires.txt');
  });

  test('pip is pinned by hash, and Python 3.9 gets the last that serves it', () => {
    expect(builderRecipe(builder).files['pip.txt']).toMatch(/^pip==26\.3 --hash=sha256:[0-9a-f]{64}\n$/);
    expect(pipRequirement('3.9')).toMatch(/^pip==26\.0\.1 --hash=sha256:[0-9a-f]{64}$/);
  });
});

describe('layer', () => {
  test('wheels are mounted from their image and pip from the builder: neither is copied', () => {
    const lines = instructions(layerRecipe(layer).text);
    expect(lines[0]).toBe('FROM local/app-base:1');
    expect(lines.join('\n')).toContain('--mount=type=bind,from=local/app-deps:3,source=/wheelhouse,target=/run/pypackage/wheelhouse');
    expect(lines.join('\n')).toContain('--mount=type=bind,from=local/app-builder:2,source=/opt/pypackage/pip,target=/run/pypackage/pip');
    expect(lines.join('\n')).toContain('SOURCE_DATE_EPOCH=7 /appenv/bin/python /run/pypackage/install.py');
    expect(lines.join('\n')).not.toMatch(/^(COPY|ADD)/m);
  });

  test('without system packages apt is not asked', () => {
    expect(layerRecipe({ ...layer, systemPackages: [] }).text).not.toContain('apt-get');
    expect(layerRecipe(layer).text).toContain('libpq5');
  });
});

describe('release', () => {
  test('a server gets a port, a health check, a stop signal', () => {
    const lines = instructions(releaseRecipe(release).text);
    expect(lines[0]).toBe('FROM local/app-deps:layer-4');
    expect(lines).toEqual(expect.arrayContaining(['EXPOSE 8000', 'STOPSIGNAL SIGTERM', 'USER 10001:0', 'CMD ["gunicorn","app.wsgi:application"]']));
    expect(lines.join('\n')).toContain('--collectstatic app.settings --static-root /static --application app --user 10001 --import app plugins.one');
    expect(lines.find((line) => line.startsWith('ENV'))).toContain('DJANGO_SETTINGS_MODULE="app.settings"');
    expect(lines.find((line) => line.startsWith('HEALTHCHECK'))).toMatch(/CMD \["python","-c","import http\.client/);
  });

  test('a command that serves nothing gets none of them', () => {
    const text = releaseRecipe({
      ...release,
      settingsModule: undefined,
      site: undefined,
      processes: {},
      command: { words: ['greet'], reason: '', serves: false },
    }).text;
    expect(text).not.toMatch(/EXPOSE|HEALTHCHECK|PORT|collectstatic|^ENV/m);
    expect(instructions(text).at(-1)).toBe('CMD ["greet"]');
  });

  test('a site is copied from an image of its sources, and its commands run there', () => {
    const processes = { web: 'x --bind "$PORT"', worker: 'y' };
    const lines = instructions(releaseRecipe({ ...release, modules: [], site: { base: 'my site/src', workingDir: 'my site' }, processes }).text);
    const install = lines.find((line) => line.startsWith('RUN')) ?? '';
    expect(install).toContain("PYTHONPATH='/application/my site/src:/application/my site:/application' /appenv/bin/python");
    expect(install).toContain('--source /run/pypackage/source --into /application');
    expect(install).toContain('source=/application,target=/run/pypackage/source');
    expect(install).not.toContain('wheelhouse');
    expect(lines).toContain('WORKDIR /application/my site');
    expect(lines).toContain('LABEL io.pypackage.processes="{\\"web\\":\\"x --bind \\\\\\"\\$PORT\\\\\\"\\",\\"worker\\":\\"y\\"}"');
  });

  test('new labels need no instruction, so no layer', () => {
    expect(instructions(relabelRecipe('local/app-release:1').text)).toEqual(['FROM local/app-release:1']);
  });
});

describe('releaseCommand', () => {
  const django = {
    managePy: 'manage.py',
    settingsModule: 'app.settings',
    wsgi: 'app.wsgi:application',
    asgi: 'app.asgi:application',
    mediaRoot: undefined,
    staticDirs: [],
    settingsFile: 'app/settings.py',
  };
  const none: CommandFacts = {
    django: undefined,
    packages: new Set(),
    scripts: [],
    normalizedName: 'my-app',
    site: undefined,
    application: undefined,
    processes: {},
  };

  test.each<[string, Partial<CommandFacts>, string, boolean]>([
    ['gunicorn before uvicorn', { django, packages: new Set(['uvicorn', 'gunicorn']) }, 'gunicorn app.wsgi:application', true],
    ['uvicorn', { django, packages: new Set(['uvicorn']) }, 'uvicorn app.asgi:application', true],
    [
      'gunicorn without a WSGI module does not serve',
      { django: { ...django, wsgi: undefined }, packages: new Set(['gunicorn', 'uvicorn']) },
      'uvicorn app.asgi:application',
      true,
    ],
    ['daphne', { django, packages: new Set(['daphne']) }, 'daphne -b 0.0.0.0 -p 8000 app.asgi:application', true],
    ['waitress', { django, packages: new Set(['waitress']) }, 'waitress-serve --listen=0.0.0.0:8000 app.wsgi:application', true],
    ['Django without a server', { django, packages: new Set(['django']) }, 'python', false],
    ['web of a Procfile before all others', { django, packages: new Set(['gunicorn']), processes: { web: 'serve' } }, 'sh -c exec serve', true],
    ['a server without Django', { packages: new Set(['gunicorn']) }, 'python', false],
    ['the only script', { scripts: ['other'] }, 'other', false],
    ['the script of its own name, normalised', { scripts: ['aaa', 'My_App'] }, 'My_App', false],
    ['several scripts of other names', { scripts: ['a', 'b'] }, 'python', false],
    ['nothing', {}, 'python', false],
  ])('%s', (_name, facts, words, serves) => {
    const command = releaseCommand({ ...none, ...facts });
    expect(command.words.join(' ')).toBe(words);
    expect(command.serves).toBe(serves);
  });

  test.each<[string, 'asgi' | 'wsgi', readonly string[], boolean, string]>([
    ['gunicorn', 'wsgi', ['uvicorn', 'gunicorn'], false, 'gunicorn main:app'],
    ['gunicorn with a factory', 'wsgi', ['gunicorn'], true, 'gunicorn main:app()'],
    ['waitress', 'wsgi', ['waitress'], false, 'waitress-serve --listen=0.0.0.0:8000 main:app'],
    ['waitress with a factory', 'wsgi', ['waitress'], true, 'waitress-serve --listen=0.0.0.0:8000 --call main:app'],
    ['no server of WSGI', 'wsgi', ['uvicorn', 'flask'], false, 'python'],
    ['uvicorn', 'asgi', ['gunicorn', 'uvicorn'], false, 'uvicorn main:app'],
    ['uvicorn with a factory', 'asgi', ['uvicorn'], true, 'uvicorn --factory main:app'],
    ['hypercorn', 'asgi', ['hypercorn'], false, 'hypercorn --bind 0.0.0.0:8000 main:app'],
    ['no server of ASGI', 'asgi', ['gunicorn'], false, 'python'],
  ])('an application of a site: %s', (_name, protocol, packages, isFactory, words) => {
    const application = { protocol, module: 'main', name: 'app', isFactory, file: 'main.py' };
    const site = { base: '', workingDir: '', application, script: undefined, requirementsFile: undefined, requirements: [], uploads: [] };
    const command = releaseCommand({ ...none, packages: new Set(packages), site });
    expect([command.words.join(' '), command.serves]).toEqual([words, words !== 'python']);
  });

  test('an application of a package is served where no console script is meant', () => {
    const application = { protocol: 'asgi', module: 'shop.main', name: 'app', isFactory: false, file: 'src/shop/main.py' } as const;
    const packages = new Set(['uvicorn']);
    expect(releaseCommand({ ...none, packages, application })).toMatchObject({ words: ['uvicorn', 'shop.main:app'], serves: true });
    expect(releaseCommand({ ...none, packages, application, scripts: ['my-app'] }).words).toEqual(['my-app']);
    expect(releaseCommand({ ...none, application })).toMatchObject({ words: ['python'], reason: expect.stringContaining('no server') });
  });

  test('says why it is python', () => {
    expect(
      releaseCommand({
        ...none,
        site: { base: '', workingDir: '', application: undefined, script: 'bot/__main__.py', requirementsFile: undefined, requirements: [], uploads: [] },
      }).words,
    ).toEqual(['python', '-m', 'bot']);
    expect(releaseCommand({ ...none, django }).reason).toBe('no server (gunicorn, uvicorn, daphne or waitress) among the dependencies: the command is python');
    expect(releaseCommand(none).reason).toBe('no console script: the command is python');
  });
});

describe('system packages', () => {
  test('for compiling: each once, sorted', () => {
    expect(packagesForCompiling(['psycopg', 'psycopg2', 'lxml', 'django'])).toEqual(['libpq-dev', 'libxml2-dev', 'libxslt1-dev', 'zlib1g-dev']);
    expect(packagesForCompiling([])).toEqual([]);
  });

  test('the table names distributions normalised, as they are looked up', () => {
    expect(Object.keys(compilingTable()).filter((name) => name !== name.toLowerCase().replaceAll(/[-_.]+/g, '-'))).toEqual([]);
  });

  test.each([
    ['mysql.h', 'default-libmysqlclient-dev'],
    ['mysql/mysql.h', 'default-libmysqlclient-dev'],
    ['libpq-fe.h', 'libpq-dev'],
    ['libxml/xmlversion.h', 'libxml2-dev'],
    ['Python.h', 'python3-dev'],
    ['nobody_knows.h', undefined],
  ])('the header %s is of %s', (header, debian) => {
    expect(packageWithHeader(header)).toBe(debian);
  });
});
