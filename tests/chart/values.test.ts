/** The settings that the program resolves from the chart's values. */
import type { GoArchitecture } from '@kata/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { classOf, only } from './chart-values.ts';
import { findHelm, HelmChart } from '../driver/helm-chart.ts';

let chart: HelmChart;

beforeAll(async () => {
  chart = new HelmChart(await findHelm());
});

describe('values become settings', () => {
  test('the default shims are clh and qemu, where the architecture has them', async () => {
    const shims = async (architecture: GoArchitecture): Promise<readonly string[]> =>
      (await chart.settings({}, architecture)).shims.map(({ name }) => name);

    expect(await shims('amd64')).toEqual(['clh', 'qemu']);
    // kata-06-arm64-default-shims, issue 12.19: a payload of that architecture has nothing for clh.
    expect(await shims('arm64')).toEqual(['qemu']);
    expect(await shims('s390x')).toEqual(['qemu']);
    expect(await shims('ppc64le')).toEqual(['qemu']);
    expect((await chart.settings({})).defaultShim?.name).toBe('qemu');
  });

  test('options of each shim, by architecture', async () => {
    const values = {
      shims: {
        disableAll: true,
        'qemu-runtime-rs': {
          enabled: true,
          allowedHypervisorAnnotations: ['default_vcpus', 'default_memory'],
          containerd: { snapshotter: 'erofs', forceGuestPull: true },
          crio: { guestPull: true },
          agent: { httpsProxy: 'http://user:a=b@proxy:3128', noProxy: '10.0.0.0/8,.local' },
          dropIn: '[hypervisor.qemu]\ndefault_vcpus = 2\n',
        },
        clh: { enabled: true, supportedArches: ['amd64'] },
        fc: { enabled: null },
      },
      defaultShim: { amd64: 'clh' },
    };

    const amd64 = await chart.settings(values);
    const s390x = await chart.settings(values, 's390x');

    expect(amd64.shims.map(({ name }) => name)).toEqual(['clh', 'qemu-runtime-rs']);
    expect(amd64.defaultShim?.name).toBe('clh');
    expect(s390x.shims.map(({ name }) => name)).toEqual(['qemu-runtime-rs']);
    for (const { options } of [amd64, s390x]) {
      expect(options.get('qemu-runtime-rs')).toEqual({
        hypervisorAnnotations: ['default_memory', 'default_vcpus'],
        httpsProxy: 'http://user:a=b@proxy:3128',
        noProxy: '10.0.0.0/8,.local',
        forceGuestPull: true,
        snapshotter: 'erofs',
        pullType: 'guest-pull',
        dropIn: '[hypervisor.qemu]\ndefault_vcpus = 2\n',
      });
    }
    expect(amd64.options.get('clh')).toMatchObject({ httpsProxy: undefined, dropIn: undefined });
  });

  test('options of the installation', async () => {
    const settings = await chart.settings({
      debug: true,
      devkit: true,
      containerd: { configFileName: 'other.toml', userDropIn: 'oom_score = -1\n', untrustedShim: 'qemu' },
      snapshotter: { erofsMergeMode: 'unmerged', erofsSnapshotterMode: 'memory', erofsDmverity: true },
      env: { installationPrefix: '/var/lib', multiInstallSuffix: 'blue', hostOS: 'cbl-mariner' },
      startupTaints: ['kata:NoSchedule', 'soon'],
    });

    expect(settings).toMatchObject({
      debug: true,
      devkit: true,
      prefix: '/var/lib/opt/kata-blue',
      suffix: 'blue',
      distribution: 'k8s',
      containerd: {
        configFileName: 'other.toml',
        userDropIn: { text: 'oom_score = -1\n' },
        untrustedShim: 'qemu',
      },
      snapshotters: { erofsMergeMode: 'unmerged', erofsSnapshotterMode: 'memory', erofsDmverity: true },
      startupTaints: [{ key: 'kata', effect: 'NoSchedule' }, { key: 'soon' }],
    });
  });

  test('custom runtimes without shims, in the format of upstream', async () => {
    const values = {
      shims: { disableAll: true },
      customRuntimes: {
        enabled: true,
        runtimes: {
          special: {
            baseConfig: 'clh',
            dropIn: '[hypervisor.clh]\ndefault_vcpus = 4\n',
            runtimeClass:
              'kind: RuntimeClass\napiVersion: node.k8s.io/v1\nmetadata:\n  name: kata-special\nhandler: kata-special\noverhead:\n  podFixed:\n    memory: 1Gi\nscheduling:\n  nodeSelector:\n    zone: a\n    katacontainers.io/kata-runtime: "false"\n',
            containerd: { snapshotter: 'devmapper' },
            crio: { pullType: '' },
          },
        },
      },
    };

    const { shims, customRuntimes } = await chart.settings(values);
    const objects = await chart.render(values);

    expect(shims).toEqual([]);
    expect(customRuntimes.map(({ base, ...rest }) => ({ ...rest, base: base.name }))).toEqual([
      {
        handler: 'kata-special',
        base: 'clh',
        snapshotter: 'devmapper',
        pullType: undefined,
        dropIn: '[hypervisor.clh]\ndefault_vcpus = 4\n',
      },
    ]);
    expect(objects.filter(({ kind }) => kind === 'RuntimeClass').map(classOf)).toEqual([
      {
        name: 'kata-special',
        handler: 'kata-special',
        overhead: { podFixed: { memory: '1Gi', cpu: '250m' } },
        nodeSelector: {
          zone: 'a',
          'katacontainers.io/kata-runtime': 'true',
          'kata-deploy.katacontainers.io/default': 'true',
          'handler.katacontainers.io/kata-special': 'true',
        },
      },
    ]);
  });
});

test('custom runtimes are ignored on architectures without their base', async () => {
  const runtimes = { x: { baseConfig: 'clh', runtimeClass: 'metadata: {name: x}\nhandler: x\n' } };
  const values = { shims: only('qemu'), customRuntimes: { enabled: true, runtimes } };

  expect((await chart.settings(values)).customRuntimes.map(({ handler }) => handler)).toEqual(['x']);
  expect((await chart.settings(values, 's390x')).customRuntimes).toEqual([]);
});
