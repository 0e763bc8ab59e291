/** What comes from the registry: exact versions with their digests, permissive licences, and hardly anything that runs when it is installed. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: true;
  readonly optional?: true;
  readonly hasInstallScript?: true;
}

const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
const locked = Object.entries((JSON.parse(readFileSync('package-lock.json', 'utf8')) as { readonly packages: Record<string, Locked> }).packages).filter(([path]) => path !== '');
const name = (path: string): string => path.replace(/^.*node_modules\//, '');

/** None of them asks anything of those who use or pass on what contains it but to keep the notice. */
const LICENCES: ReadonlySet<string> = new Set(['MIT', 'MIT-0', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', '0BSD', 'Unlicense', 'Python-2.0']);

/** Packages that would run something at installation: esbuild checks its binary, netlink builds a socket that is not used. */
const WITH_SCRIPTS: readonly string[] = ['esbuild', 'netlink'];

test('every package is asked for in one exact version and has a digest', () => {
  const asked = Object.entries({ ...dependencies, ...devDependencies });
  assert.ok(asked.length > 10);
  assert.deepEqual(asked.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)), []);
  assert.deepEqual(locked.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true).map(([path]) => path), []);
});

test('no package but those that are known wants to run a script when it is installed', () => {
  const scripts = [...new Set(locked.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => name(path)))];
  assert.deepEqual(scripts.sort(), WITH_SCRIPTS);
});

test('all licences are permissive', () => {
  assert.deepEqual(locked.filter(([, { license = 'none' }]) => !LICENCES.has(license)).map(([path, { license }]) => `${path}: ${license ?? 'none'}`), []);
});

test('what runs in the daemon is few', () => {
  const used = new Set(locked.filter(([, { dev, optional }]) => dev !== true && optional !== true).map(([path]) => name(path)));
  assert.ok(used.size <= 45, `${used.size} packages`);
});
