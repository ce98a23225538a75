import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ConfigurationEntry, loadConfiguration, type Loader } from './load-configuration.ts';

const cases = join(import.meta.dirname, '../../../../tests/fixtures/cases');

const go: Loader = { language: 'go', version: '4.1.0' };
const rust: Loader = { language: 'rust', version: '4.1.0' };

const main = `[hypervisor.qemu]
path = "/r/qemu"
image = "/r/image"
virtio_fs_daemon = "/r/virtiofsd"
brand_new_key = 1
[runtime]
name = "virt_container"
hypervisor_name = "qemu"
agent_name = "kata"
`;

function file(name: string, text: string): ConfigurationEntry {
  return { name, kind: 'file', content: Buffer.from(text) };
}

function refusals(loader: Loader, ...entries: readonly ConfigurationEntry[]): readonly string[] {
  return loadConfiguration(loader, main, entries).refusals.map(
    ({ entry, message }) => `${entry ?? 'main'} ${message}`,
  );
}

describe('kata-01-verify-config-d: every entry of config.d is read', async () => {
  interface Case {
    readonly name: string;
    readonly text: string | null;
    readonly go: string;
    readonly rust: string;
  }
  const { cases: given } = JSON.parse(
    await readFile(join(cases, 'kata-01-verify-config-d/case.json'), 'utf8'),
  ) as { readonly cases: readonly Case[] };

  // An entry that names a missing file loads here: `verify` checks the files.
  const loadable = given.filter(({ name }) => name !== '80.toml~');

  test.each(
    loadable.flatMap((one) =>
      [go, rust].map((loader) => ({ ...one, loader, verdict: one[loader.language] })),
    ),
  )('$name: $loader.language $verdict', ({ name, text, loader, verdict }) => {
    const entry: ConfigurationEntry =
      text === null
        ? { name: name.replace('/', ''), kind: 'directory', content: undefined }
        : file(name, text);

    const { refusals: found } = loadConfiguration(loader, main, [entry]);

    expect(new Set(found.map((refusal) => refusal.entry))).toEqual(
      new Set(verdict.startsWith('refuses') ? [entry.name] : []),
    );
  });
});

test('entries are read in the order of their bytes, and the last one wins', () => {
  const set = (value: number): string => `[hypervisor.qemu]\ndefault_memory = ${value}\n`;
  const entries = [file('\u{1f600}', set(4)), file('\uff5e', set(3)), file('a', set(2)), file('Z', set(1))];

  const { effective } = loadConfiguration(go, main, entries);

  expect(effective).toMatchObject({ hypervisor: { qemu: { default_memory: 4 } } });
});

test('a link is read by Go and refused by Rust', () => {
  const link: ConfigurationEntry = {
    name: '60-site.toml',
    kind: 'link',
    content: Buffer.from('[hypervisor.qemu]\ndefault_memory = 3333\n'),
  };

  expect(refusals(go, link)).toEqual([]);
  expect(refusals(go, { ...link, content: undefined })).toEqual([
    '60-site.toml is a link without a readable target',
  ]);
  expect(refusals(rust, link)).toEqual(['60-site.toml is a link, which this runtime refuses']);
});

test.each([
  [go, '[hypervisor.qemu]\ndefault_vcpus = 2\n', []],
  [
    go,
    '[hypervisor.qemu]\ndefault_memory = -1\n',
    ['hypervisor.qemu.default_memory must be a whole number from 0 to 4294967295'],
  ],
  [
    go,
    '[hypervisor.qemu]\nenable_annotations = ["a", 1]\n',
    ['hypervisor.qemu.enable_annotations must be a list of strings'],
  ],
  [go, '[hypervisor.qemu]\nshared_fs = "nfs"\n', ['hypervisor.qemu has the unknown shared_fs "nfs"']],
  [
    go,
    '[hypervisor.qemu]\nshared_fs = "inline-virtio-fs"\n',
    ['hypervisor.qemu has the unknown shared_fs "inline-virtio-fs"'],
  ],
  [rust, '[hypervisor.qemu]\nshared_fs = "inline-virtio-fs"\n', []],
  [
    go,
    '[hypervisor.qemu]\nvirtio_fs_daemon = ""\n',
    ['hypervisor.qemu uses virtio-fs, but virtio_fs_daemon is empty'],
  ],
  [rust, '[hypervisor.qemu]\nvirtio_fs_daemon = ""\n', []],
  [rust, '[hypervisor.qemu]\njailer_path = "/j"\n', ['hypervisor.qemu must not have jailer_path']],
  [rust, '[runtime]\nname = ""\n', ['runtime.name is not set']],
  [go, '[hypervisor.xen]\npath = "/x"\n', ['hypervisor.xen is not a hypervisor of this runtime']],
  [go, 'hypervisor = 1\n', ['hypervisor must be a table']],
  [
    go,
    '[[hypervisor.qemu.guest_extension_images]]\npath = "/x"\n',
    ['hypervisor.qemu has a guest_extension_image without a name'],
  ],
  [
    rust,
    '[[hypervisor.qemu.guest_extension_images]]\nname = "a"\nverity_params = "x=1"\n',
    ['hypervisor.qemu has a guest_extension_image "a" with invalid verity_params'],
  ],
] as const)('%o: %j', (loader, text, expected) => {
  expect(refusals(loader, file('90.toml', text))).toEqual(expected.map((message) => `90.toml ${message}`));
});

test('a key that the shipped configuration has is known', () => {
  expect(refusals(go, file('90.toml', '[hypervisor.qemu]\nbrand_new_key = 2\n'))).toEqual([]);
});

test('unknown keys are refused from 4.1 on only; those without effect are reported', () => {
  const text = '[hypervisor.qemu]\nfile_mem_backend = "/x"\n[runtime]\nno_such = 1\n';

  expect(refusals({ ...go, version: '3.24.0' }, file('90.toml', text))).toEqual([]);
  expect(refusals(go, file('90.toml', text))).toEqual([
    '90.toml hypervisor.qemu.file_mem_backend is not a known key in Kata 4.1 and newer',
  ]);
  expect(loadConfiguration(go, main, [file('90.toml', text)]).withoutEffect).toEqual([
    { entry: '90.toml', message: 'runtime.no_such is not a known key in Kata 4.1 and newer' },
  ]);
});

test('a guest of Secure Execution needs neither image nor initrd', () => {
  const se = '[hypervisor.qemu]\nimage = ""\nconfidential_guest = true\nmachine_type = "s390-ccw-virtio"\n';

  expect(refusals(rust, file('90.toml', se))).toEqual([]);
});
