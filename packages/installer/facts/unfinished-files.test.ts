import { readFile } from 'node:fs/promises';
import type { HostPath } from '@kata/host';
import { describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const payloads = usePayloads();

describe('kata-03-stray-temporary-file, issue 12.18', async () => {
  const { left } = JSON.parse(
    await readFile('tests/fixtures/cases/kata-03-stray-temporary-file/case.json', 'utf8'),
  ) as { readonly left: string };
  const stray = left.split(',')[0]?.replace('<12 hex>', '0123456789ab') ?? '';

  test('the next run removes what a killed write left in a config.d, in all releases', async () => {
    const node = await MemoryNode.start(usualMachine);
    const installation = node.installation(someSettings(['qemu-snp']));
    const releases = [
      await installation.install(payloads.first),
      await installation.install(payloads.second),
    ];
    const runtime = releases.map(
      ({ release }): HostPath =>
        `/opt/kata/releases/${release}/share/defaults/kata-containers/runtimes/qemu-snp`,
    );
    const strays = runtime.map((folder): HostPath => `${folder}/${stray}`);
    for (const path of strays) node.host.files.seed(path, '[hypervisor.qemu]\nkernel_par');
    node.host.files.seed(`${runtime[1] ?? '/'}/config.d/.mine.toml`, '');

    await installation.install(payloads.second);

    expect(stray).toBe('config.d/.30-kernel-params.toml.kata-0123456789ab');
    for (const path of strays) expect(await node.host.files.info(path)).toBeUndefined();
    expect(await node.host.files.list(`${runtime[1] ?? '/'}/config.d`)).toContain('.mine.toml');
  });
});
