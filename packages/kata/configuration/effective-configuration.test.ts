import { renderDocument, type TomlTable, type TomlValue } from '@kata/toml';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { effectiveConfiguration } from './effective-configuration.ts';
import { loadConfiguration } from './loader/load-configuration.ts';
import { referencedFiles } from './referenced-files.ts';

type Tree = Readonly<Record<string, unknown>>;

const name = fc.constantFrom('a', 'b', 'c', '__proto__', 'toString');
const { tree } = fc.letrec<{ tree: TomlTable; leaf: TomlValue }>((tie) => ({
  leaf: fc.constantFrom<TomlValue[]>('text', 1, true, [], ['x', 'y'], [{ p: 1 }], '/opt/kata/x'),
  tree: fc
    .array(fc.tuple(name, fc.oneof({ maxDepth: 3 }, tie('leaf'), tie('tree'))), { maxLength: 4 })
    .map((pairs) => Object.fromEntries(pairs) as TomlTable),
}));

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const aTable = 'a table';

/** Every value by its path; for a table only that it is one. */
function nodesOf(value: unknown, path: readonly string[] = []): readonly [string, unknown][] {
  if (!isTree(value)) return [[JSON.stringify(path), value]];
  const children = Object.entries(value).flatMap(([key, child]) => nodesOf(child, [...path, key]));
  return [[JSON.stringify(path), aTable], ...children];
}

const isAtOrBelow = (path: string, above: string): boolean => path.startsWith(above.slice(0, -1));

test('drop-ins override what they mention and keep the rest, as a second parser reads it', () => {
  fc.assert(
    fc.property(tree, tree, (base, over) => {
      const texts = [renderDocument(base), renderDocument(over)];
      const [lower = [], upper = []] = texts.map((text) => nodesOf(parse(text)));
      const isReplaced = (path: string): boolean =>
        upper.some(([above, value]) => value !== aTable && isAtOrBelow(path, above));
      const expected = new Map([...lower.filter(([path]) => !isReplaced(path)), ...upper]);

      expect(new Map(nodesOf(effectiveConfiguration(texts)))).toEqual(expected);
    }),
  );
});

test('referenced files are those of the effective configuration', () => {
  const main = `
[hypervisor.qemu]
path = "/r/bin/qemu"
kernel = "/r/vmlinux"
image = "/r/image"
initrd = ""
firmware = "/r/firmware"
firmware_volume = ""
pflashes = ["/r/flash"]
jailer_path = "/r/jailer"
entropy_source = "/dev/urandom"
virtio_fs_daemon = "/r/virtiofsd"
[[hypervisor.qemu.guest_extension_images]]
name = "coco"
path = "/r/coco.img"
[runtime]
pod_resource_api_sock = "/var/lib/kubelet/pod-resources/kubelet.sock"
`;
  const overrides =
    '[hypervisor.qemu]\nimage = ""\ninitrd = "/r/initrd"\npflashes = []\nkernel = "vmlinux"\n';

  const entry = { name: '90.toml', kind: 'file' as const, content: Buffer.from(overrides) };
  const loaded = loadConfiguration({ language: 'go', version: undefined }, main, [entry]);

  expect(referencedFiles('go', loaded)).toEqual([
    { path: '/r/bin/qemu', entry: undefined },
    { path: '/r/coco.img', entry: undefined },
    { path: '/r/firmware', entry: undefined },
    { path: '/r/initrd', entry: '90.toml' },
    { path: '/r/jailer', entry: undefined },
    { path: '/r/virtiofsd', entry: undefined },
  ]);
});

test.each(['none', 'inline-virtio-fs'])('no daemon is needed with shared_fs "%s"', (sharedFs) => {
  const text = `[hypervisor.qemu]\nshared_fs = "${sharedFs}"\nvirtio_fs_daemon = "/r/virtiofsd"\n`;

  expect(
    referencedFiles('rust', loadConfiguration({ language: 'rust', version: undefined }, text, [])),
  ).toEqual([]);
});
