import { expect, test } from 'vitest';
import { someSettings } from './sweep/some-settings.ts';
import { wantedFiles, wantedTexts } from './wanted-files.ts';

test('a program is executable, a configuration is not', () => {
  const settings = someSettings(['qemu'], { prefix: '/srv/opt/kata' });
  const configuration = '[hypervisor.qemu]\npath = "/opt/kata/bin/qemu-system-x86_64"\n';

  const { files } = wantedFiles(
    settings,
    '1-a',
    new Map(wantedTexts(settings).map((path) => [path, configuration])),
  );

  const folder = '/srv/opt/kata/releases/1-a/share/defaults/kata-containers/runtimes/qemu';
  expect([...files].map(([path, { mode }]) => [path, mode])).toEqual([
    [`${folder}/configuration-qemu.toml`, 0o644],
    [`${folder}/config.d/10-installation-prefix.toml`, 0o644],
    ['/srv/opt/kata/releases/1-a/bin/qemu-system-x86_64-installation-prefix', 0o755],
  ]);
});
