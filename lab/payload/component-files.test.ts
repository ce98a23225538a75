import { loadConfiguration, referencedFiles, type Shim, shims, shippedConfiguration } from '@kata/kata';
import { expect, test } from 'vitest';
import { type ComponentFile, componentFiles, payloadVersions } from './component-files.ts';
import { kataConfiguration } from './kata-configuration.ts';

const configured = Object.values(componentFiles('3.24.0'))
  .flat()
  .flatMap((file) => (file.kind === 'configuration' ? file.shim : []));

test('the payloads have the configurations of the shims whose components the lab has', () => {
  expect(configured.toSorted()).toEqual([
    'clh',
    'clh-runtime-rs',
    'dragonball',
    'fc',
    'qemu',
    'qemu-runtime-rs',
    'remote',
  ]);
});

test.each(payloadVersions.flatMap((version) => configured.map((shim) => ({ version, shim }))))(
  'in $version, the configuration of $shim names files of its components',
  async ({ version, shim }) => {
    const { x86_64: needed = [] } = shims.get(shim)?.components ?? {};
    const files = needed.flatMap((component) => componentFiles(version)[component] ?? []);
    const paths = new Set(files.map((file) => `/opt/kata/${file.path}`));
    const shipped = shims.get(shim) as Shim;
    const { language } = shipped;

    const loaded = loadConfiguration({ language, version: '4.1.0' }, await kataConfiguration(shim), []);

    expect(referencedFiles(language, loaded).filter(({ path }) => !paths.has(path))).toEqual([]);
    expect(paths.has(`/opt/kata/${shippedConfiguration(shipped)}`)).toBe(true);
  },
);

test('a configuration without an upstream template begins with MINIMAL', async () => {
  const minimal = await Promise.all(
    [...shims.keys()].map(async (shim) => ({ shim, text: await kataConfiguration(shim) })),
  );

  expect(
    minimal
      .filter(({ text }) => !text.startsWith('# MINIMAL: '))
      .map(({ shim }) => shim)
      .toSorted(),
  ).toEqual(['clh', 'fc', 'qemu', 'qemu-nvidia-gpu-snp', 'qemu-runtime-rs']);
});

test('a small payload has the same files, with less than a megabyte of filler', () => {
  const [usual, small] = (['usual', 'small'] as const).map((size) =>
    Object.values(componentFiles('3.24.0', size)).flat(),
  );

  expect(small?.map(({ path }) => path)).toEqual(usual?.map(({ path }) => path));
  const sizes = small?.map((file) => (file.kind === 'filler' ? file.size : 0)) ?? [];
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_000_000);
});

test('the two payloads differ in a few files', () => {
  const shown = (file: ComponentFile): string => `${file.path} ${JSON.stringify(file)}`;
  const before = new Set(Object.values(componentFiles('3.24.0')).flat().map(shown));

  const changed = Object.entries(componentFiles('3.25.0')).flatMap(([component, files]) =>
    files.filter((file) => !before.has(shown(file))).map((file) => `${component}: ${file.path}`),
  );

  // The shims differ, too: their version is appended.
  expect(changed).toEqual([
    'shim-v2-go: VERSION',
    'shim-v2-rust: VERSION',
    'virtiofsd: libexec/virtiofsd',
    'kernel: share/kata-containers/System.map-6.18.35-202',
    'kernel: share/kata-containers/config-6.18.35-202',
    'kernel: share/kata-containers/vmlinux-6.18.35-202',
    'kernel: share/kata-containers/vmlinuz-6.18.35-202',
    'kernel: share/kata-containers/vmlinux.container',
    'kernel: share/kata-containers/vmlinuz.container',
  ]);
});
