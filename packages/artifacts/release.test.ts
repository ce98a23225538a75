import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PayloadEntry, PayloadManifest } from './payload.ts';
import { chooseRelease, isReleaseId, releaseId } from './release.ts';

const file = (path: string, content: string, mode = 0o644): PayloadEntry => ({
  kind: 'file',
  path,
  mode,
  size: content.length,
  sha256: Buffer.from(content.padEnd(32).slice(0, 32)).toString('hex'),
});

function payload(components: Readonly<Record<string, readonly PayloadEntry[]>>): PayloadManifest {
  return {
    schema: 1,
    version: '3.24.0',
    architecture: 'amd64',
    components: Object.entries(components).map(([name, entries]) => ({
      name,
      archive: `kata-static-${name}.tar.zst`,
      archiveSize: 1,
      archivePiecesSha256: '0'.repeat(64),
      entries,
    })),
  };
}

test('components become one tree with the folders that it needs', () => {
  const release = chooseRelease(
    payload({
      qemu: [
        { kind: 'directory', path: 'bin', mode: 0o775 },
        file('bin/qemu', 'q', 0o755),
        file('VERSION', 'v'),
      ],
      kernel: [
        { kind: 'directory', path: 'bin', mode: 0o755 },
        { kind: 'link', path: 'share/a/vmlinux', target: 'vmlinux-1' },
        file('VERSION', 'v'),
      ],
      nydus: [file('libexec/nydusd', 'n')],
    }),
    ['qemu', 'kernel'],
  );

  expect(release.entries).toEqual([
    { ...file('VERSION', 'v'), component: 'kernel' },
    { kind: 'directory', path: 'bin', mode: 0o755, component: 'kernel' },
    { ...file('bin/qemu', 'q', 0o755), component: 'qemu' },
    { kind: 'directory', path: 'share', mode: 0o755, component: 'kernel' },
    { kind: 'directory', path: 'share/a', mode: 0o755, component: 'kernel' },
    { kind: 'link', path: 'share/a/vmlinux', target: 'vmlinux-1', component: 'kernel' },
  ]);
  expect(isReleaseId(release.id)).toBe(true);
});

test.each([
  {
    what: 'a file with other content',
    components: { a: [file('x', '1')], b: [file('x', '2')] },
    message: 'component b: x differs from that of component a',
  },
  {
    what: 'a file with another mode',
    components: { a: [file('x', '1')], b: [file('x', '1', 0o755)] },
    message: 'component b: x differs from that of component a',
  },
  {
    what: 'a file below a link',
    components: { a: [{ kind: 'link' as const, path: 'x', target: 'y' }], b: [file('x/z', '1')] },
    message: 'component b: x/z stands below the link x of component a',
  },
])('$what is a conflict', ({ components, message }) => {
  expect(() => chooseRelease(payload(components))).toThrow(message);
});

test('a component that is not there is named', () => {
  expect(() => chooseRelease(payload({ a: [file('x', '1')] }), ['a', 'b'])).toThrow(
    'the payload has no component b',
  );
});

const entries: fc.Arbitrary<PayloadEntry[]> = fc.uniqueArray(
  fc.record({
    kind: fc.constant('file' as const),
    path: fc.constantFrom('a', 'b', 'c', 'd/e', 'd/f'),
    mode: fc.constantFrom(0o644, 0o755),
    size: fc.nat(100),
    sha256: fc.constantFrom('0'.repeat(64), '1'.repeat(64)),
  }),
  { selector: (entry) => entry.path },
);

test('the id depends on the tree and the version, never on the order', () => {
  fc.assert(
    fc.property(entries, entries, (one, other) => {
      const shown = (tree: readonly PayloadEntry[]): string =>
        JSON.stringify(
          tree
            .map((e) => [e.path, e.kind === 'file' && [e.mode, e.sha256]])
            .toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
        );
      expect(releaseId('1', one.toReversed())).toBe(releaseId('1', one));
      expect(releaseId('1', one) === releaseId('1', other)).toBe(shown(one) === shown(other));
      expect(releaseId('2', one)).not.toBe(releaseId('1', one));
    }),
  );
});
