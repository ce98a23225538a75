import { expect, test } from 'vitest';
import { someSettings } from '../testkit/some-settings.ts';
import { wantedFiles, wantedHandlers, wantedTexts } from './wanted-files.ts';

test('a program is executable, a configuration is not', () => {
  const settings = someSettings(['qemu'], { prefix: '/srv/opt/kata' });
  const configuration = '[hypervisor.qemu]\npath = "/opt/kata/bin/qemu-system-x86_64"\n';

  const { generated } = wantedFiles(
    settings,
    new Map(wantedTexts(settings).map((path) => [path, configuration])),
  )('1-a');

  const folder = 'share/defaults/kata-containers/runtimes/qemu';
  expect([...generated].map(([path, { mode }]) => [path, mode])).toEqual([
    [`${folder}/configuration-qemu.toml`, 0o644],
    [`${folder}/config.d/10-installation-prefix.toml`, 0o644],
    ['bin/qemu-system-x86_64-installation-prefix', 0o755],
  ]);
});

test('handlers have the engine names of their snapshotters, and one shim may also serve untrusted pods', () => {
  const plain = someSettings(['qemu', 'fc'], { suffix: 'b', prefix: '/opt/kata-b' });
  const options = new Map(
    [...plain.options].map(([name, each]) => [
      name,
      { ...each, snapshotter: name === 'qemu' ? 'nydus' : 'devmapper' },
    ]),
  );
  const containerd = { configFileName: 'config.toml', untrustedShim: 'qemu' };

  expect(
    wantedHandlers({ ...plain, options, containerd }).map(({ name, snapshotter }) => [name, snapshotter]),
  ).toEqual([
    ['kata-qemu-b', 'nydus-for-kata-tee-b'],
    ['kata-fc-b', 'devmapper'],
    ['untrusted', 'nydus-for-kata-tee-b'],
  ]);
});
