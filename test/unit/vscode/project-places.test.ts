import { expect, test } from 'vitest';
import { foldersBetween, foldersOf, isBelow, mayBeProjectFolder, outermost } from '../../../src/vscode/project-places.js';

test('a folder with a common beginning of its name is not below the other', () => {
  expect(isBelow('/w/shop', '/w/shop')).toBe(true);
  expect(isBelow('/w/shop/api', '/w/shop')).toBe(true);
  expect(isBelow('/w/shop-api', '/w/shop')).toBe(false);
  expect(isBelow('/w', '/')).toBe(true);
});

test('what shows, tests or copies a project is none, nor what lies too deep', () => {
  expect(['api', 'services/api', 'a/b/c/d'].every(mayBeProjectFolder)).toBe(true);
  expect(['', 'docs', 'services/tests/api', 'node_modules/x', '.venv/lib', '{{name}}', 'a/b/c/d/e'].some(mayBeProjectFolder)).toBe(false);
});

test('of files the folders, each once', () => {
  expect(foldersOf('/w', ['/w/b/setup.py', '/w/a/pyproject.toml', '/w/a/manage.py', '/w/docs/pyproject.toml'])).toEqual(['/w/a', '/w/b']);
});

test('what lies in a project belongs to it', () => {
  const found = ['/w/a', '/w/a/tool', '/w/ab'].map((root) => ({ root }));
  expect(outermost(found).map(({ root }) => root)).toEqual(['/w/a', '/w/ab']);
});

test('the folders whose going takes a project along', () => {
  expect(foldersBetween('/w/services/api', '/w')).toEqual(['/w/services/api', '/w/services']);
  expect(foldersBetween('/w', '/w')).toEqual([]);
});
