/** The end of a pod with the commands' own code, on a node in memory before a double of the API server. */
import type { ScriptedAnswer } from '@kata/kube/scripted';
import { beforeEach, expect, test } from 'vitest';
import { useWalk } from '../testkit/use-walk.ts';
import { decideAtEnd } from './end-of-pod.ts';

const gone: ScriptedAnswer = { status: 404 };
const refused: ScriptedAnswer = { status: 403 };
const present: ScriptedAnswer = {
  status: 200,
  body: {
    metadata: { name: 'kata-deploy', namespace: 'kata', uid: 'd1', resourceVersion: '1' },
    spec: { template: { spec: {} } },
  },
};

const walk = useWalk();

beforeEach(async () => {
  walk.api.daemonSet = [present];
  // Without a node object: labels are not what is looked at here.
  await walk.install({ environment: { NODE_NAME: undefined } });
});

test('a DaemonSet that is gone takes the installation with it', async () => {
  walk.api.daemonSet = [gone];

  await decideAtEnd(await walk.session());

  expect(walk.node.served()).toBe('');
});

test('issue 12.21: what was installed anew while the removal waited for the lock stays as it is', async () => {
  const before = walk.node.tree();
  walk.api.daemonSet = [gone, present];

  await decideAtEnd(await walk.session());

  expect(walk.node.tree()).toEqual(before);
  expect(walk.api.patches).toBe(0);
});

test('issue 12.21: whoever cannot ask again under the lock removes nothing', async () => {
  const before = walk.node.served();
  walk.api.daemonSet = [gone, refused];

  await expect(decideAtEnd(await walk.session())).rejects.toMatchObject({ code: 'KATA_KUBE_FORBIDDEN' });

  expect(walk.node.served()).toBe(before);
  expect(walk.api.patches).toBe(0);
});
