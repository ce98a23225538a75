/** The status of an in-memory node with a fake API server. */
import { expect, test } from 'vitest';
import { formatStatus } from './format-status.ts';
import { readInstallationStatus } from './installation-status.ts';
import { useWalk } from './testkit/use-walk.ts';

const walk = useWalk();

test.each([
  [
    '/opt/kata/state',
    'Note          the ownership record is lost; it is derived from the files on the node until',
  ],
  ['/opt/kata', 'Nothing is installed in /opt/kata (containerd 2.2.1).'],
] as const)('%s is gone: the status names the running pod and what is lost', async (path, lost) => {
  await walk.install();
  const { files } = walk.node.host;
  files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });
  await files.removeTree(path);

  const status = formatStatus(await readInstallationStatus(await walk.context()));

  expect(status).toContain(lost);
  expect(status).toContain('Pods          1 running: 0123456789abc');
});

test('the status of a node that failed is also in what the command prints, and in its JSON', async () => {
  await walk.install();
  walk.node.isUnresponsive = true;
  await walk.install().catch(() => undefined);

  const status = await readInstallationStatus(await walk.context());

  expect(status.reported).toEqual({ node: 'n1', status: walk.api.status, problem: null });
  expect(formatStatus(status)).toContain(
    `Node status   failed (InstallFailed) since ${String(walk.api.status['time'])}: KATA_ENGINE_SILENT: containerd does not answer on its socket`,
  );
});

test('the rest of the status is printed also when the API server refuses', async () => {
  await walk.install();
  const context = await walk.context();
  const before = formatStatus(await readInstallationStatus(context)).split('\n');
  walk.api.isAway = true;

  const lines = formatStatus(await readInstallationStatus(context)).split('\n');

  expect(lines[1]).toMatch(/^Node status   unknown: cannot read node "n1": .*403/);
  expect(lines.toSpliced(1, 1)).toEqual(before);
});

test('without a cluster the status has nothing of a node', async () => {
  await walk.install();

  const status = await readInstallationStatus(await walk.context({ environment: { NODE_NAME: undefined } }));

  expect(status).not.toHaveProperty('reported');
});
