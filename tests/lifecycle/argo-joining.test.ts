/** Workflows meet what a process meets, too: a node that joins during a run, and a revision that Helm has removed. */
import { waitFor } from '@kata/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArgoDriver, kataNamespace } from '../driver/argo.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { verificationPod } from '../driver/lifecycle.ts';
import { monitor } from '../driver/monitor.ts';

const lab = new LabDriver('argo-joining');
const argo = new ArgoDriver(lab);

beforeAll(async () => {
  await argo.begin(['containerd-2.2'], '3.24.0', verificationPod('sleep 60'));
});

afterAll(async () => {
  await lab.down();
});

async function untilVerifying(node: string): Promise<void> {
  const path = String.raw`jsonpath={.metadata.annotations.katacontainers\.io/kata-upgrade-status}`;
  const what = `node ${node} to be verified`;
  await waitFor({ what, timeoutMs: 300_000 }, async () =>
    (await lab.kubectl(['get', 'node', node, `--output=${path}`])) === 'verifying' ? true : undefined,
  );
}

async function helm(...words: readonly string[]): Promise<unknown> {
  const argv = ['helm', ...words, 'kata-deploy', '--namespace', kataNamespace, '--output', 'json'];
  return JSON.parse(await lab.lab(argv));
}

test('a node that joins during a workflow is upgraded and verified in it, after the others', async () => {
  const workflow = await argo.submit(['-p', 'target-version=3.25.0']);
  await untilVerifying('n1');
  await lab.lab(['node', 'add', 'n2', '--engine', 'containerd-2.4']);
  await lab.kubectl(['label', 'node', 'n2', 'katacontainers.io/kata-upgrade-window=true']);

  const { phase, pods } = await argo.end(workflow);

  expect({ phase, pods }, await argo.logs(workflow)).toEqual({
    phase: 'Succeeded',
    pods: Object.fromEntries(
      ['plan', 'helm', 'prepare', 'node(0:n1)', 'join', 'node(0:n2)', 'settle', 'finish'].map((step) => [
        step,
        'Succeeded',
      ]),
    ),
  });
  expect(await monitor(lab)).toEqual(['n1 Ready true completed 3.25.0', 'n2 Ready true completed 3.25.0']);
});

test('when Helm has removed the revision of the start, the step settle deploys its chart with its values', async () => {
  await argo.install(verificationPod('sleep 30; exit 1'));
  const values = await helm('get', 'values');
  const [{ revision }] = (await helm('history', '--max', '1')) as [{ readonly revision: number }];

  const workflow = await argo.submit(['-p', 'target-version=3.24.0']);
  await untilVerifying('n1');
  const stored = `sh.helm.release.v1.kata-deploy.v${revision}`;
  await lab.kubectl(['delete', 'secret', stored, '--namespace', kataNamespace]);
  const { phase, pods } = await argo.end(workflow);

  expect({ phase, pods }, await argo.logs(workflow)).toMatchObject({
    phase: 'Failed',
    pods: { 'node(0:n1)': 'Failed', settle: 'Succeeded', finish: 'Failed' },
  });
  expect(await monitor(lab)).toEqual(['n1 Ready true rolled-back 3.25.0', 'n2 Ready true completed 3.25.0']);
  const history = (await helm('history')) as readonly { readonly chart: string; readonly status: string }[];
  expect(history.at(-1)).toMatchObject({ chart: 'kata-deploy-3.25.0', status: 'deployed' });
  expect(await helm('get', 'values')).toEqual(values);
});

test('the values of a run are in a Secret, which the account of the node steps cannot read', async () => {
  const runs = await lab.kubectl([
    ...['get', 'configmaps', '--namespace', kataNamespace, '--output=jsonpath={.items[*].data.plan}'],
    '--selector=katacontainers.io/kata-lifecycle-run',
  ]);
  const mayRead = async (account: string): Promise<string> =>
    await lab
      .kubectl([
        ...['auth', 'can-i', 'get', 'secrets', '--namespace', kataNamespace],
        `--as=system:serviceaccount:argo:${account}`,
        '--quiet=false',
      ])
      .catch(() => 'no');

  expect(runs).toContain('"version":"3.25.0"');
  expect(runs).not.toContain('registry.lab:5000/kata-deploy');
  expect((await mayRead('kata-upgrade-node')).trim()).toBe('no');
  expect((await mayRead('kata-upgrade-helm')).trim()).toBe('yes');
});
