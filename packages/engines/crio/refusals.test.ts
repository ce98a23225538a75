import type { HostPath } from '@kata/host';
import type { MemorySeed } from '@kata/host/memory';
import { expect, test } from 'vitest';
import { someHandlers, Trial } from '../conformance/trial.ts';
import { probe } from './facts.ts';
import { crio } from './index.ts';
import { location } from './location.ts';
import { tested } from './testkit/conformance-machines.ts';

const ours: HostPath = '/etc/crio/crio.conf.d/99-kata-deploy';
const desired = { handlers: someHandlers(['kata-qemu']) };

function trialWith(files: Readonly<Record<HostPath, MemorySeed>>): Trial<Awaited<ReturnType<typeof probe>>> {
  return new Trial(tested, '1.36.1', files);
}

test.each<[string, Readonly<Record<HostPath, MemorySeed>>, object]>([
  [
    'a drop-in that cannot be parsed, whatever its name',
    { '/etc/crio/crio.conf.d/10-site.bak': '[crio\n' },
    {
      code: 'KATA_ENGINE_CONFIG_TOML',
      message: expect.stringContaining(
        'crio.service would not start again: /etc/crio/crio.conf.d/10-site.bak is not valid TOML',
      ),
    },
  ],
  [
    'a link to nothing among the drop-ins',
    { '/etc/crio/crio.conf.d/10-site': { link: '/nowhere' } },
    {
      code: 'KATA_ENGINE_CONFIG_TOML',
      message: 'crio.service would not start again: /etc/crio/crio.conf.d/10-site leads to no file',
    },
  ],
  [
    'a foreign handler with one of our names, which would replace ours',
    { '/etc/crio/crio.conf.d/99-zz': '[crio.runtime.runtimes.kata-qemu]\ncontainer_min_memory = "1MiB"\n' },
    {
      code: 'KATA_ENGINE_HANDLER_TAKEN',
      message: '/etc/crio/crio.conf.d/99-zz already defines the handler kata-qemu',
    },
  ],
  [
    'a foreign handler with one of our names, which ours would replace',
    { '/etc/crio/crio.conf': '[crio.runtime.runtimes.kata-qemu]\nruntime_path = "/usr/bin/kata"\n' },
    {
      code: 'KATA_ENGINE_HANDLER_TAKEN',
      message: '/etc/crio/crio.conf already defines the handler kata-qemu',
    },
  ],
])('%s is refused before any change', async (_, files, refusal) => {
  const trial = trialWith(files);
  const before = trial.tree();

  await expect(trial.step('', desired)).rejects.toMatchObject(refusal);

  expect(trial.tree()).toEqual(before);
});

test('a removal is refused where our handler is the default of a foreign file: CRI-O would not start', async () => {
  const trial = trialWith({});
  await trial.step('', desired);
  await trial.host.files.write(
    '/etc/crio/crio.conf',
    Buffer.from('[crio.runtime]\ndefault_runtime = "kata-qemu"\n'),
  );
  const context = { location, prefix: '/opt/kata', suffix: '', owned: [], known: desired.handlers } as const;
  const facts = await probe(trial.host, '1.36.1', context);

  expect(() => {
    crio.refuseHarm(facts, crio.planEdits(facts, [], context), [], context);
  }).toThrow(
    expect.objectContaining({
      code: 'KATA_ENGINE_DEFAULT_RUNTIME',
      message:
        'default_runtime in /etc/crio/crio.conf is kata-qemu, but that handler would be removed: crio.service would not start',
    }) as Error,
  );
});

test("upstream's drop-in is adopted, and goes with the installation", async () => {
  const upstream = `[crio]
  storage_option = [
\t"overlay.skip_mount_home=true",
  ]

[crio.runtime.runtimes.kata-qemu]
\truntime_path = "/opt/kata/bin/containerd-shim-kata-v2"
\truntime_type = "vm"
\truntime_root = "/run/vc"
\truntime_config_path = "/opt/kata/share/defaults/kata-containers/configuration-qemu.toml"
\tprivileged_without_host_devices = true

[crio.runtime.runtimes.kata-dragonball]
\truntime_path = "/opt/kata/runtime-rs/bin/containerd-shim-kata-v2"
\truntime_type = "vm"
\truntime_root = "/run/vc"
\truntime_config_path = "/opt/kata/share/defaults/kata-containers/runtime-rs/configuration-dragonball.toml"
\tprivileged_without_host_devices = true
`;
  const trial = trialWith({ [ours]: upstream });
  const found = crio.findHandlers(await trial.facts(), {
    ...{ location, prefix: '/opt/kata', suffix: '', owned: [] },
  });
  const step = await trial.step('', desired);
  const served = await trial.served();
  await trial.step('', { handlers: [] });

  expect(found.map(({ name }) => name)).toEqual(['kata-qemu', 'kata-dragonball']);
  expect(step).toEqual([]);
  expect(Object.keys(served.handlers)).toEqual(['kata-qemu']);
  expect(served.settings).toEqual({ 'crio storage_option': ['overlay.skip_mount_home=true'] });
  expect(trial.tree()).toEqual({});
});
