/** Runtime classes of the rendered chart. */
import { shims as allShims } from '@kata/kata';
import { beforeAll, describe, expect, test } from 'vitest';
import { classOf, only } from './chart-values.ts';
import { findHelm, HelmChart } from '../driver/helm-chart.ts';

let chart: HelmChart;

beforeAll(async () => {
  chart = new HelmChart(await findHelm());
});

describe('runtime classes', () => {
  const classes = async (values: object): Promise<readonly Record<string, unknown>[]> =>
    (await chart.render(values))
      .filter(({ kind }) => kind === 'RuntimeClass')
      .map((object) => classOf(object) as Record<string, unknown>);
  const names = async (values: object): Promise<readonly unknown[]> =>
    (await classes(values)).map(({ name, handler }) => [name, handler]);

  test('have the overheads of upstream, for all 26 shims', async () => {
    const shims = Object.fromEntries([...allShims.keys()].map((name) => [name, { enabled: true }]));

    const rows = (await classes({ shims, runtimeClasses: { createDefault: false } })).map(
      ({ name, overhead }) => {
        const { memory, cpu } = (overhead as { podFixed: Record<string, string> }).podFixed;
        return `${String(name)} ${memory} ${cpu}`;
      },
    );

    expect(rows).toMatchInlineSnapshot(`
      [
        "kata-clh 130Mi 250m",
        "kata-clh-azure 130Mi 250m",
        "kata-clh-azure-runtime-rs 130Mi 250m",
        "kata-clh-runtime-rs 130Mi 250m",
        "kata-dragonball 130Mi 250m",
        "kata-fc 130Mi 250m",
        "kata-openvmm-azure-runtime-rs 130Mi 250m",
        "kata-qemu 320Mi 250m",
        "kata-qemu-coco-dev 160Mi 250m",
        "kata-qemu-coco-dev-runtime-rs 320Mi 250m",
        "kata-qemu-nvidia-cpu 320Mi 250m",
        "kata-qemu-nvidia-cpu-runtime-rs 320Mi 250m",
        "kata-qemu-nvidia-gpu 10240Mi 1.0",
        "kata-qemu-nvidia-gpu-runtime-rs 10240Mi 1.0",
        "kata-qemu-nvidia-gpu-snp 10240Mi 1.0",
        "kata-qemu-nvidia-gpu-snp-runtime-rs 10240Mi 1.0",
        "kata-qemu-nvidia-gpu-tdx 10240Mi 1.0",
        "kata-qemu-nvidia-gpu-tdx-runtime-rs 10240Mi 1.0",
        "kata-qemu-runtime-rs 320Mi 250m",
        "kata-qemu-se 1024Mi 1.0",
        "kata-qemu-se-runtime-rs 1024Mi 1.0",
        "kata-qemu-snp 2048Mi 1.0",
        "kata-qemu-snp-runtime-rs 2048Mi 1.0",
        "kata-qemu-tdx 2048Mi 1.0",
        "kata-qemu-tdx-runtime-rs 2048Mi 1.0",
        "kata-remote 120Mi 250m",
      ]
    `);
  });

  test('select nodes that serve the handler of this installation', async () => {
    const [first] = await classes({ shims: only('clh', { runtimeClass: { nodeSelector: { zone: 'a' } } }) });

    expect(first?.['nodeSelector']).toEqual({
      zone: 'a',
      'katacontainers.io/kata-runtime': 'true',
      'kata-deploy.katacontainers.io/default': 'true',
      'handler.katacontainers.io/kata-clh': 'true',
    });
  });

  test('for GPUs select nodes that can pass them through', async () => {
    const nodes = async (name: string): Promise<unknown> =>
      (await classes({ shims: only(name) }))[0]?.['nodeSelector'];

    expect(await nodes('qemu-nvidia-gpu')).toMatchObject({ 'nvidia.com/cc.ready.state': 'false' });
    expect(await nodes('qemu-nvidia-gpu-tdx-runtime-rs')).toMatchObject({
      'nvidia.com/cc.ready.state': 'true',
      'intel.feature.node.kubernetes.io/tdx': 'true',
    });
    expect(await nodes('qemu-nvidia-cpu')).not.toHaveProperty('nvidia.com/cc.ready.state');
  });

  test('keep these selectors in spite of user-provided ones', async () => {
    const nodeSelector = { 'katacontainers.io/kata-runtime': 'false' };
    const [first] = await classes({ shims: only('clh', { runtimeClass: { nodeSelector } }) });

    expect(first?.['nodeSelector']).toMatchObject({ 'katacontainers.io/kata-runtime': 'true' });
  });

  test('are named after suffix, debug and devkit variants, and the default', async () => {
    expect(
      await names({ shims: only('fc'), env: { multiInstallSuffix: 'blue' }, debug: true, devkit: true }),
    ).toEqual([
      ['kata-fc-blue', 'kata-fc-blue'],
      ['kata-fc-blue-debug', 'kata-fc-blue-debug'],
      ['kata-fc-blue-devkit', 'kata-fc-blue-devkit'],
      ['kata-blue', 'kata-fc-blue'],
    ]);
    expect(await names({ runtimeClasses: { enabled: false } })).toEqual([]);
    expect(await names({ runtimeClasses: { createDefault: false } })).toEqual([
      ['kata-clh', 'kata-clh'],
      ['kata-qemu', 'kata-qemu'],
    ]);
  });

  test('have another overhead, or none', async () => {
    const overheads = async (runtimeClass: object, all = true): Promise<unknown> => {
      const values = { shims: only('clh', { runtimeClass }), runtimeClasses: { overheadEnabled: all } };
      return (await classes(values))[0]?.['overhead'];
    };

    expect(await overheads({ overhead: { memory: '1Gi' } })).toEqual({
      podFixed: { memory: '1Gi', cpu: '250m' },
    });
    expect(await overheads({ overheadEnabled: false })).toBeUndefined();
    expect(await overheads({}, false)).toBeUndefined();
    expect(await overheads({ overheadEnabled: true }, false)).toEqual({
      podFixed: { memory: '130Mi', cpu: '250m' },
    });
  });
});
