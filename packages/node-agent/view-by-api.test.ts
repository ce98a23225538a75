import type { NodeObject } from '@kata/kube';
import { expect, test } from 'vitest';
import { viewByApi } from './view-by-api.ts';

/** Of a fake cluster with one node, whose kubelet runs pods of these RuntimeClasses. */
function viewOf(
  containerRuntimeVersion: string,
  runtimeHandlers: readonly string[],
  classes: readonly string[] = [],
): ReturnType<typeof viewByApi> {
  const node: NodeObject = {
    name: 'n1',
    uid: 'u1',
    resourceVersion: '1',
    labels: {},
    annotations: {},
    taints: [],
    nodeInfo: { containerRuntimeVersion },
    runtimeHandlers,
  };
  const cluster = {
    readNode: async () => node,
    listClassPods: async () =>
      classes.map((runtimeClass) => ({
        uid: `uid-${runtimeClass}`,
        name: `default/${runtimeClass}`,
        runtimeClass,
        nodeSelector: runtimeClass.endsWith('-marked')
          ? { 'kata-deploy.katacontainers.io/blue': 'true' }
          : {},
      })),
  };
  return viewByApi(cluster, { nodeName: 'n1', suffix: '' });
}

test('version and handlers of the engine are those that the Node object reports', async () => {
  const { engine } = viewOf('containerd://2.2.1', ['runc', 'kata-qemu']);

  expect(await engine.version()).toBe('2.2.1');
  expect(await engine.servedHandlers()).toEqual(['runc', 'kata-qemu']);
});

// Issue 12.8: those of another installation do not count.
test('the sandboxes are the pods of this installation that kubelet runs', async () => {
  const classes = ['kata-qemu', 'kata', 'nvidia', 'my-vm', 'of-somebody', 'kata-qemu-blue', 'of-blue-marked'];
  const handlers = ['runc', 'nvidia', 'kata-qemu', 'my-vm', 'kata-qemu-blue'];
  const { sandboxes } = viewOf('containerd://2.2.1', handlers, classes);

  const { running, allIds } = await sandboxes(['kata-qemu', 'my-vm']);

  expect(allIds).toBeUndefined();
  expect(running.map(({ id, handler }) => [id, handler])).toEqual([
    ['uid-kata-qemu', 'kata-qemu'],
    ['uid-kata', undefined],
    ['uid-my-vm', 'my-vm'],
    ['uid-of-somebody', undefined],
  ]);
});

test('an engine that reports no handlers to kubelet is refused, with a hint', async () => {
  const { engine } = viewOf('containerd://1.7.30', []);

  await expect(engine.servedHandlers()).rejects.toMatchObject({
    code: 'KATA_DEPLOY_NO_SOCKET',
    exitCode: 3,
    hint: expect.stringContaining("mount the host's /run/containerd"),
  });
});

test('a Node object without the version of its engine is refused', async () => {
  await expect(viewOf('', []).engine.version()).rejects.toMatchObject({
    code: 'KATA_DEPLOY_NO_VERSION',
    exitCode: 75,
  });
});
