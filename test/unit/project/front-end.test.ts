import { describe, expect, test } from 'vitest';
import { detectProject } from '../../../src/core/project/detect.js';
import type { FrontEndFacts } from '../../../src/core/project/project.js';
import { readSources } from '../../../src/core/project/sources.js';
import { makeFolder } from './folder.js';

const head = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "a"\nversion = "1"\n';
const packageJson = '{"scripts": {"build": "vite build"}}';
const frontEndOf = async (files: Record<string, string>): Promise<FrontEndFacts | undefined> => (await detectProject(await makeFolder(files))).frontEnd;

describe('a front end', () => {
  const hook = '# npm is run\nimport subprocess\nsubprocess.run(["npm", "install"])\n';
  const included = `${head}[tool.hatch.build.hooks.custom]\n[tool.hatch.build.targets.wheel]\nforce-include = { "README.md" = "a/README.md", build = "a/frontend" }\n`;

  test('that a hook of hatch builds, and whose output the wheel includes', async () => {
    const files = { 'pyproject.toml': included, 'hatch_build.py': hook, 'package.json': packageJson, 'README.md': '' };
    expect(await frontEndOf(files)).toEqual({
      tool: 'npm',
      packageJson: 'package.json',
      place: { file: 'hatch_build.py', line: 3 },
      runsIn: 'only hook',
      missing: 'build',
      isOptional: false,
      outputs: ['README.md', 'build'],
    });
    expect((await frontEndOf({ ...files, 'build/index.html': '' }))?.missing).toBeUndefined();
    const several = included.replace('hooks.custom]', 'hooks.custom]\n[tool.hatch.build.hooks.vcs]');
    expect((await frontEndOf({ ...files, 'pyproject.toml': several }))?.runsIn).toBe('hook');
  });

  test('that is built and packaged goes into the build, though its folder has the name of what backends write', async () => {
    const root = await makeFolder({ 'pyproject.toml': included, 'package.json': packageJson, 'build/index.html': '', 'dist/x.whl': '' });
    const { frontEnd } = await detectProject(root);
    const tree = await readSources(root, { keep: frontEnd?.outputs ?? [] });
    expect(tree.files.map((file) => file.path)).toEqual(['build/index.html', 'package.json', 'pyproject.toml']);
  });

  test('whose output is packaged without a hook', async () => {
    const pyproject = `${head}[tool.hatch.build.targets.wheel.force-include]\n"ui/dist" = "a/static"\n`;
    expect(await frontEndOf({ 'pyproject.toml': pyproject, 'ui/package.json': packageJson, 'ui/pnpm-lock.yaml': '' })).toMatchObject({
      tool: 'pnpm',
      packageJson: 'ui/package.json',
      place: { file: 'pyproject.toml', line: 8 },
      runsIn: undefined,
      missing: 'ui/dist',
    });
  });

  test('that setup.py or a build script builds, with nothing that says where to', async () => {
    const setupPy = "from setuptools import setup\nclass Js(build_py):\n    def run(self):\n        check_call('npm run build')\nsetup(name='a')\n";
    expect(await frontEndOf({ 'setup.py': setupPy, 'package.json': packageJson })).toMatchObject({
      place: { file: 'setup.py', line: 4 },
      runsIn: 'hook',
      missing: undefined,
    });
    const poetry = '[tool.poetry]\nname = "a"\nversion = "1"\n[tool.poetry.build]\nscript = "build.py"\n';
    expect(await frontEndOf({ 'pyproject.toml': poetry, 'build.py': 'run(["yarn"])' })).toMatchObject({ tool: 'yarn', place: { file: 'build.py', line: 1 } });
  });

  test('whose output the settings of a site name', async () => {
    const settings =
      'STATICFILES_DIRS = [\n    BASE_DIR / "assets",  # ours, theirs\n    os.path.join(BASE_DIR, "frontend", "dist"),\n    env("MORE"),\n    "/usr/share/x",\n]\n';
    const files = {
      'manage.py': 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\nimport django\n',
      'requirements.txt': 'django\n',
      'shop/settings.py': settings,
      'assets/x.css': '',
    };
    expect(await frontEndOf(files)).toBeUndefined();
    expect(await frontEndOf({ ...files, 'frontend/package.json': packageJson })).toMatchObject({
      missing: 'frontend/dist',
      isOptional: true,
      outputs: ['assets', 'frontend/dist'],
      place: { file: 'shop/settings.py' },
      packageJson: 'frontend/package.json',
    });
    expect((await frontEndOf({ ...files, 'frontend/package.json': packageJson, 'frontend/dist/x.js': '' }))?.missing).toBeUndefined();
  });

  test('is none where nothing is built: no package.json, one without a build, one far away, words in a text', async () => {
    expect(await frontEndOf({ 'pyproject.toml': head })).toBeUndefined();
    expect(await frontEndOf({ 'pyproject.toml': head, 'package.json': '{"scripts": {"lint": "eslint"}}' })).toBeUndefined();
    expect(await frontEndOf({ 'pyproject.toml': head, 'a/static-src/package.json': packageJson })).toBeUndefined();
    expect(await frontEndOf({ 'setup.py': "setup(name='a', description='like npm')" })).toBeUndefined();
  });
});
