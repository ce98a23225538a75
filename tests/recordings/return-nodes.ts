/** Returns all nodes to 3.24.0 between two demos. */
import { execa, type Options } from 'execa';

interface Fleet {
  readonly nodes: readonly { readonly node: string; readonly installed: string | null }[];
}

/** `shell`: where the demos are typed. */
export async function returnNodes(shell: Pick<Options, 'cwd' | 'env'>): Promise<void> {
  const { stdout } = await execa('kata-lifecycle', ['nodes', '--output', 'json'], shell);
  const upgraded = (JSON.parse(stdout) as Fleet).nodes.filter(({ installed }) =>
    installed?.startsWith('3.25.0-'),
  );
  if (upgraded.length === 0) return;
  const names = upgraded.map(({ node }) => node);
  await execa('kata-lifecycle', ['rollback', ...names, '--verification-pod', 'pod.yaml'], shell);
}
