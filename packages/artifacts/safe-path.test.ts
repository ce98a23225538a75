import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { installedLinkTarget, installedPath, isReleasePath, isSafeLinkTarget } from './safe-path.ts';

test.each([
  { member: './opt/kata/bin/x', found: { kind: 'inside', path: 'bin/x' } },
  { member: 'opt/kata//share/./y/', found: { kind: 'inside', path: 'share/y' } },
  { member: './opt/kata/...', found: { kind: 'inside', path: '...' } },
  { member: './', found: { kind: 'root' } },
  { member: './opt', found: { kind: 'root' } },
  { member: 'opt/kata/', found: { kind: 'root' } },
  { member: 'usr/bin/kata-agent', found: { kind: 'outside' } },
  { member: 'opt/katana/bin', found: { kind: 'outside' } },
  { member: '/opt/kata/bin/x', found: { kind: 'refused', reason: 'its path is absolute' } },
  { member: './opt/kata/../../etc/passwd', found: { kind: 'refused', reason: 'its path contains ".."' } },
  { member: '../x', found: { kind: 'refused', reason: 'its path contains ".."' } },
  {
    member: 'opt/kata/manifest.json',
    found: { kind: 'refused', reason: 'the path is reserved for the manifest of the release' },
  },
  {
    member: 'opt/kata/a\nb',
    found: { kind: 'refused', reason: 'its name has control characters or is not UTF-8' },
  },
])('$member is $found.kind', ({ member, found }) => {
  expect(installedPath(member)).toEqual(found);
});

test.each([
  { path: 'share/a.img', target: 'b.img', installed: 'b.img' },
  { path: 'share/a.img', target: '../bin/b', installed: '../bin/b' },
  { path: 'share/x/a', target: '/opt/kata/share/b', installed: '../b' },
  { path: 'a', target: '/opt/kata', installed: '.' },
  { path: 'a', target: '/opt/kata/', installed: '.' },
  { path: 'a', target: '', installed: undefined },
  { path: 'a', target: '..', installed: undefined },
  { path: 'share/a', target: '../../etc/passwd', installed: undefined },
  { path: 'share/a', target: 'b/../../../etc', installed: undefined },
  { path: 'share/a', target: 'b/..', installed: undefined },
  { path: 'share/a', target: '/etc/passwd', installed: undefined },
  { path: 'share/a', target: '/opt/kata/../../etc', installed: undefined },
  { path: 'share/a', target: '/opt/katana', installed: undefined },
])('a link $path to $target becomes $installed', ({ path, target, installed }) => {
  expect(installedLinkTarget(path, target)).toBe(installed);
});

const segment = fc.constantFrom('', '.', '..', 'opt', 'kata', 'bin', 'x', 'manifest.json', 'a b', '...');
const anyPath = fc.oneof(
  fc.array(segment, { maxLength: 7 }).map((segments) => segments.join('/')),
  fc.array(segment, { maxLength: 5 }).map((segments) => ['opt', 'kata', ...segments].join('/')),
  fc.string(),
);

test('accepted paths are inside the installation and normalized', () => {
  fc.assert(
    fc.property(anyPath, (member) => {
      const found = installedPath(member);
      if (found.kind !== 'inside') return;
      expect(posix.join('/opt/kata', found.path).startsWith('/opt/kata/')).toBe(true);
      expect(posix.normalize(found.path)).toBe(found.path);
      expect(isReleasePath(found.path)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('an accepted link never leaves the release, whatever links it follows', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
    .map((s) => s.join('/'));
  const target = fc
    .array(fc.constantFrom('..', 'a', 'b', 'c', '.'), { minLength: 1, maxLength: 6 })
    .map((s) => s.join('/'));
  const links = fc.dictionary(path, target, { maxKeys: 8 });
  fc.assert(
    fc.property(links, (candidates) => {
      const safe = new Map(Object.entries(candidates).filter(([from, to]) => isSafeLinkTarget(from, to)));
      // Nothing is below a link: merging components refuses that.
      for (const from of safe.keys()) {
        if ([...safe.keys()].some((other) => from.startsWith(`${other}/`))) safe.delete(from);
      }
      for (const from of safe.keys()) expect(leavesRoot(from, safe)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

/** Follows a path as the kernel does, one name at a time, with a limit for loops. */
function leavesRoot(path: string, links: ReadonlyMap<string, string>): boolean {
  const waiting = path.split('/');
  const at: string[] = [];
  for (let step = 0; step < 200; step += 1) {
    const name = waiting.shift();
    if (name === undefined) return false;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (at.pop() === undefined) return true;
      continue;
    }
    const link = links.get([...at, name].join('/'));
    if (link === undefined) at.push(name);
    else waiting.unshift(...link.split('/'));
  }
  return false;
}
