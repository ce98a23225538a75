import { expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const payloads = usePayloads();

test('issue 12.18: a plan names entries of config.d that Kata refuses', async () => {
  const node = await MemoryNode.start(usualMachine);
  const installation = node.installation(someSettings(['qemu-snp', 'qemu-snp-runtime-rs']));
  const { release } = await installation.install(payloads.first);
  const folder = 'share/defaults/kata-containers/runtime-rs/runtimes/qemu-snp-runtime-rs/config.d';
  node.host.files.seed(`/opt/kata/releases/${release}/${folder}/README`, 'Put your settings here.\n');
  node.host.files.seed(`/opt/kata/releases/${release}/${folder}/50-mine.toml`, '[runtime]\nname = "x"\n');
  node.host.files.seed(`/opt/kata/releases/${release}/${folder}/old/50-mine.toml`, '');

  const { notes } = await installation.planInstall(payloads.second);

  expect(notes).toEqual([
    `/opt/kata/${folder}/README is not valid TOML at line 1, column 5: pods of kata-qemu-snp-runtime-rs do not start until this is fixed`,
    `/opt/kata/${folder}/old is a directory, but every entry here must be a TOML file: pods of kata-qemu-snp-runtime-rs do not start until this is fixed`,
  ]);
});

test('kata-08-without-effect, issue 12.19: a plan names settings without effect', async () => {
  const node = await MemoryNode.start(usualMachine);
  const settings = someSettings(['qemu-snp', 'remote'], { debug: true });

  const { plan } = await node.installation(settings).install(payloads.first);

  expect(plan.notes).toEqual([
    'kata-remote-debug: guest debugging has no effect, because Kata passes no kernel parameters to a remote machine',
  ]);
});
