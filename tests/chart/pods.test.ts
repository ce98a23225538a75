/** Pods and RBAC of the rendered chart. */
import { beforeAll, describe, expect, test } from 'vitest';
import { only } from './chart-values.ts';
import { findHelm, HelmChart, type KubernetesObject, type PodSpec } from '../driver/helm-chart.ts';

let chart: HelmChart;

beforeAll(async () => {
  chart = new HelmChart(await findHelm());
});

describe('the pods', () => {
  test('run only on architectures with an enabled shim', async () => {
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'a', operator: 'Exists' }] },
            { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] },
          ],
        },
      },
    };
    const rule = { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64'] };

    expect((await chart.daemonSet({ affinity: null })).spec.affinity).toBeUndefined();
    expect((await chart.daemonSet({ affinity })).spec.affinity).toEqual(affinity);
    const clh = only('clh', { supportedArches: ['amd64', 'arm64'] });
    expect((await chart.daemonSet({ affinity, shims: clh })).spec.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'a', operator: 'Exists' }, rule] },
            {
              matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }],
              matchExpressions: [rule],
            },
          ],
        },
      },
    });
  });

  test('keep the labels of the selector, and are replaced when a mounted file changes', async () => {
    const one = await chart.daemonSet({ podLabels: { name: 'x', team: 'y' }, podAnnotations: { a: 'b' } });
    const withFile = async (text: string): Promise<unknown> =>
      (await chart.daemonSet({ containerd: { userDropIn: text } })).metadata.annotations;

    expect(one.metadata.labels).toMatchObject({ name: 'kata-deploy', team: 'y' });
    expect(one.metadata.annotations).toEqual({
      a: 'b',
      'kubectl.kubernetes.io/default-container': 'kata-deploy',
    });
    expect(await withFile('a = 1')).not.toEqual(await withFile('a = 2'));
  });

  test('issue 12.21: the waiter is a sidecar that starts first, the installation follows, the main container sleeps', async () => {
    const { spec } = await chart.daemonSet();
    const [waiter, install] = spec.initContainers;
    const [pause] = spec.containers;

    expect([waiter.name, waiter.restartPolicy, waiter.command?.slice(0, 2)]).toEqual([
      'kata-deploy',
      'Always',
      ['/usr/bin/kata-helper', 'wait'],
    ]);
    expect([install.name, install.restartPolicy, install.args]).toEqual([
      'install',
      undefined,
      ['install', '--once'],
    ]);
    expect([pause.command, pause.volumeMounts]).toEqual([['/usr/bin/kata-helper', 'pause'], undefined]);
    const grace = waiter.env.find(({ name }) => name === 'TERMINATION_GRACE_SECONDS');
    expect(grace?.value).toBe(String(spec.terminationGracePeriodSeconds));
  });

  test('issue 12.22, cases/16: run only on Linux nodes that are not virtual, without service links', async () => {
    const { spec } = await chart.daemonSet({ nodeSelector: { pool: 'a', 'kubernetes.io/os': 'windows' } });

    expect(spec.nodeSelector).toEqual({ pool: 'a', 'kubernetes.io/os': 'linux' });
    expect(JSON.stringify(spec.affinity)).toContain(
      '{"key":"type","operator":"NotIn","values":["virtual-kubelet"]}',
    );
    expect(spec.enableServiceLinks).toBe(false);
  });

  test('issue 12.23: have the SELinux type spc_t, another one, or none', async () => {
    const typeOf = async (values: object): Promise<unknown> =>
      (await chart.daemonSet(values)).spec.initContainers.map(({ securityContext }) => {
        return (securityContext as { seLinuxOptions?: object }).seLinuxOptions;
      });

    expect(await typeOf({})).toEqual([{ type: 'spc_t' }, { type: 'spc_t' }]);
    const other = { type: 'super_t', level: 's0' };
    expect(await typeOf({ seLinuxOptions: other })).toEqual([other, other]);
    expect(await typeOf({ seLinuxOptions: null })).toEqual([undefined, undefined]);
  });

  test('cases/17: have a priority class unless the value is empty', async () => {
    const classOfPods = async (values: object): Promise<unknown> =>
      ((await chart.daemonSet(values)).spec as { priorityClassName?: string }).priorityClassName;

    expect(await classOfPods({})).toBe('system-node-critical');
    expect(await classOfPods({ priorityClassName: '' })).toBeUndefined();
  });

  test('mount the firmware only where doctor reads it', async () => {
    const sees = async (shims: object): Promise<boolean> =>
      (await chart.daemonSet({ shims })).spec.volumes.some(({ name }) => name === 'firmware');

    expect(await sees({})).toBe(false);
    expect(await sees(only('qemu-se'))).toBe(true);
  });

  test('of a cleanup need no object of the Helm release', async () => {
    const words = ['--show-only', 'templates/cleanup-pod.yaml'];
    const values = { cleanup: { node: 'n1' }, containerd: { userDropIn: 'a = 1' }, shims: only('clh') };

    const [pod] = await chart.render(values, words);

    const { containers, volumes } = (pod as CleanupPod).spec;

    expect(containers[0].args).toEqual(['cleanup']);
    expect(containers[0].env.map(({ name }) => name)).toEqual([
      ...['HOST_ROOT', 'NODE_NAME', 'POD_NAMESPACE', 'POD_UID', 'DAEMONSET_NAME'],
      ...['MULTI_INSTALL_SUFFIX', 'INSTALLATION_PREFIX', 'KATA_PROGRESS'],
    ]);
    expect(volumes.every(({ hostPath }) => hostPath !== undefined)).toBe(true);
  });
});

test.each(['json', ''])(
  'all that write a log write it as the value progress says: "%s"',
  async (progress) => {
    const [pod] = await chart.render({ cleanup: { node: 'n1' }, progress }, [
      '--show-only',
      'templates/cleanup-pod.yaml',
    ]);
    const { spec } = await chart.daemonSet({ progress });

    const modes = [...spec.initContainers, ...(pod as CleanupPod).spec.containers].map(({ env }) =>
      env.flatMap(({ name, value }) => (name === 'KATA_PROGRESS' ? [value] : [])),
    );
    const mode = progress === '' ? [] : [progress];
    expect(modes).toEqual([mode, mode, mode]);
  },
);

test("the role allows reading kubelet's configuration only when enabled, and nothing else of kubelet", async () => {
  const resources = async (askKubelet: boolean): Promise<readonly string[]> => {
    const role = (await chart.render({ doctor: { askKubelet } })).find(({ kind }) => kind === 'ClusterRole');
    const { rules } = role as unknown as { rules: readonly { resources: readonly string[] }[] };
    return rules.flatMap((rule) => rule.resources).filter((name) => name.startsWith('nodes/'));
  };

  expect(await resources(false)).toEqual([]);
  expect(await resources(true)).toEqual(['nodes/configz']);
});

test.each<[string, object, string]>([
  ['a digest', { image: { reference: 'r/k', tag: 'sha256:12' } }, 'r/k@sha256:12'],
  ['a reference with a digest', { image: { reference: 'r/k@sha256:12' } }, 'r/k@sha256:12'],
  ['nothing', {}, 'quay.io/kata-containers/kata-deploy:0.0.0'],
])('the image is set by %s', async (_, values, image) => {
  const { spec } = await chart.daemonSet(values);

  for (const container of [...spec.initContainers, ...spec.containers])
    expect(container).toMatchObject({ image });
});

type CleanupPod = KubernetesObject & { readonly spec: Pick<PodSpec, 'containers' | 'volumes'> };
