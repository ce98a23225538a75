/** The status of an in-memory node. */
import { expect, test } from 'vitest';
import { formatStatus } from './format-status.ts';
import { readInstallationStatus } from './installation-status.ts';
import { useWalk } from './testkit/use-walk.ts';

const walk = useWalk();

test.each([
  ['/opt/kata/state', 'Note          the ownership record was lost and'],
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
