import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostPath } from '../host.ts';
import { resolveLinks } from './resolve-links.ts';

const links: Readonly<Record<string, string>> = {
  '/var/run': '/run',
  '/etc/relative': 'real',
  '/etc/real/up': '../..',
  '/etc/away': '../../../../../etc/real',
  '/etc/chain': 'relative/file',
};
const readLink = (path: string): string | undefined => links[path];

test.each([
  { path: '/', last: 'follow', resolved: '/' },
  { path: '/etc//./hosts/', last: 'follow', resolved: '/etc/hosts' },
  { path: '/../../etc/../var', last: 'follow', resolved: '/var' },
  { path: '/var/run/engine.sock', last: 'keep', resolved: '/run/engine.sock' },
  { path: '/var/run', last: 'keep', resolved: '/var/run' },
  { path: '/var/run/', last: 'follow', resolved: '/run' },
  { path: '/etc/chain', last: 'follow', resolved: '/etc/real/file' },
  { path: '/etc/relative/up/var/run/x', last: 'keep', resolved: '/run/x' },
  { path: '/etc/away/x', last: 'keep', resolved: '/etc/real/x' },
  { path: '/no/such/../file', last: 'follow', resolved: '/no/file' },
] as const)('$path ($last) is $resolved', ({ path, last, resolved }) => {
  expect(resolveLinks(path, last, readLink)).toBe(resolved);
});

test('follows forty links and no more', () => {
  const counted = (count: number) => (path: string) => {
    const index = Number(path.slice(1));
    return index < count ? String(index + 1) : undefined;
  };

  expect(resolveLinks('/0', 'follow', counted(40))).toBe('/40');
  expect(() => resolveLinks('/0', 'follow', counted(41))).toThrow('ELOOP');
});

test('with any links, a resolved path has no ".."', () => {
  const name = fc.constantFrom('a', 'b', '..', '.', '');
  const path = fc.array(name, { maxLength: 6 }).map((names) => `/${names.join('/')}` as const);
  const target = fc
    .tuple(fc.boolean(), path)
    .map(([isAbsolute, text]) => (isAbsolute ? text : text.slice(1)));
  fc.assert(
    fc.property(path, fc.dictionary(path, target), (start, table) => {
      expect(resolvedOr('ELOOP', start, table)).toMatch(/^(?:\/(?:[ab](?:\/[ab])*)?|ELOOP)$/);
    }),
  );
});

/** `code` where that is why there is no such path. */
function resolvedOr(code: string, path: HostPath, links: Readonly<Record<string, string>>): string {
  try {
    return resolveLinks(path, 'follow', (candidate) => links[candidate]);
  } catch (error) {
    if (String(error).includes(code)) return code;
    throw error;
  }
}
