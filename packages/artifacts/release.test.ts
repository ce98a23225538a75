import type { Handler } from '@kata/kata';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareText } from './compare-text.ts';
import type { PayloadEntry, PayloadManifest } from './payload.ts';
import { choosePayload } from './payload-tree.ts';
import type { DesiredEngine } from './release-settings.ts';
import { type GeneratedFiles, idOf, isReleaseId, payloadId, settleRelease } from './release.ts';

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

test('components are merged into one tree with all parent directories', () => {
  const release = choosePayload(
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
    message: 'component b: x/z is below the link x of component a',
  },
])('$what is a conflict', ({ components, message }) => {
  expect(() => choosePayload(payload(components))).toThrow(message);
});

test('an unknown component is named', () => {
  expect(() => choosePayload(payload({ a: [file('x', '1')] }), ['a', 'b'])).toThrow(
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

test('the id depends on the tree and the version, not on the order', () => {
  fc.assert(
    fc.property(entries, entries, (one, other) => {
      const shown = (tree: readonly PayloadEntry[]): string =>
        JSON.stringify(
          tree
            .map((e) => [e.path, e.kind === 'file' && [e.mode, e.sha256]])
            .toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
        );
      expect(payloadId('1', one.toReversed())).toBe(payloadId('1', one));
      expect(payloadId('1', one) === payloadId('1', other)).toBe(shown(one) === shown(other));
      expect(payloadId('2', one)).not.toBe(payloadId('1', one));
    }),
  );
});

interface Desired {
  readonly tree: readonly PayloadEntry[];
  readonly text: string;
  readonly mode: number;
  readonly handler: Handler;
  readonly engine: DesiredEngine;
  /** Not part of the release. */
  readonly source: string;
}

const desired: fc.Arbitrary<Desired> = fc.record({
  tree: entries,
  text: fc.constantFrom('memory = 1\n', 'memory = 2\n'),
  mode: fc.constantFrom(0o644, 0o755),
  handler: fc.record({
    name: fc.constantFrom('kata-a', 'kata-b'),
    shimPath: fc.constantFrom('/opt/kata/bin/a', '/opt/kata/bin/b'),
    configPath: fc.constantFrom('/opt/kata/a.toml', '/opt/kata/b.toml'),
    snapshotter: fc.constantFrom('nydus', undefined),
    pullType: fc.constantFrom('guest-pull', undefined),
  }),
  engine: fc.record({
    configFileName: fc.constantFrom('config.toml', 'other.toml'),
    debug: fc.boolean(),
    userDropIn: fc.option(fc.record({ text: fc.constantFrom('a', 'b'), source: fc.constant('') }), {
      nil: undefined,
    }),
  }),
  source: fc.constantFrom('/one.toml', '/two.toml'),
});

/** Each file contains the id of its release, like generated configuration. */
function settle({ tree, text, mode, handler, engine, source }: Desired): ReturnType<typeof settleRelease> {
  const generate = (id: string): GeneratedFiles =>
    new Map([['x/config.toml', { text: `# releases/${id}/bin\n${text}`, mode }]]);
  const { userDropIn } = engine;
  const desiredEngine =
    userDropIn === undefined ? engine : { ...engine, userDropIn: { ...userDropIn, source } };
  const component = { component: 'any' };
  const payloadTree = {
    version: '1',
    architecture: 'amd64',
    entries: tree.map((e) => ({ ...e, ...component })),
  };
  return settleRelease(payloadTree, { handlers: [handler], engine: desiredEngine }, generate);
}

test('issue 12.12: the id depends on payload, generated files, handlers and engine settings, and on nothing else', () => {
  const shown = ({ tree, ...others }: Desired): string => {
    const payload = tree.map((e) => JSON.stringify(e.kind === 'file' ? [e.path, e.mode, e.sha256] : e));
    return JSON.stringify([{ ...others, source: '' }, payload.toSorted(compareText)]);
  };
  fc.assert(
    fc.property(desired, desired, (one, other) => {
      expect(settle(one).manifest.id === settle(other).manifest.id).toBe(shown(one) === shown(other));
    }),
  );
});

test('issue 12.12: generated files contain the id of their release, and the manifest has the id of its content', () => {
  fc.assert(
    fc.property(desired, (one) => {
      const { manifest, files } = settle(one);
      expect(isReleaseId(manifest.id)).toBe(true);
      expect(idOf(manifest)).toBe(manifest.id);
      expect(files.get('x/config.toml')?.text).toContain(`releases/${manifest.id}/bin`);
      expect(idOf({ ...manifest, generated: [] })).not.toBe(manifest.id);
    }),
  );
});

test('the id of a manifest of schema 1 never changes', () => {
  const tree = choosePayload(payload({ a: [file('x', '1')] }));
  const manifest = { schema: 1, id: '', ...tree } as const;

  expect(idOf(manifest)).toBe('3.24.0-49d38fcb');
});

test('generated configuration must not replace a file of the payload', () => {
  const tree = choosePayload(payload({ a: [file('x', '1')] }));
  const engine = { configFileName: 'config.toml', debug: false };

  expect(() =>
    settleRelease(tree, { handlers: [], engine }, () => new Map([['x', { text: '', mode: 0o644 }]])),
  ).toThrow('component a: x is at the path of a generated file');
});
