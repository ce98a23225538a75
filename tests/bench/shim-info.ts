/** A payload as the other, but for what its shims say of themselves: an engine that keeps the answer must start anew. */
import type { BenchNode } from './bench-node.ts';
import { exactly, type Row } from './goals.ts';

const image = 'another-answer';
const edit =
  'const p = "opt/kata-artifacts/payload.json", m = JSON.parse(fs.readFileSync(p)); for (const s in m.shimInfo) m.shimInfo[s] = "0".repeat(64); fs.writeFileSync(p, JSON.stringify(m))';

/** On a node without Kata; it has none afterwards. */
export async function shimInfoRows(node: BenchNode): Promise<readonly Row[]> {
  const { installer } = node;
  await installer.unpack(image, '3.25.0');
  await installer.change(image, `usr/bin/node -e '${edit}'`);
  await countRestarts(node, '3.24.0');
  const measured = await countRestarts(node, image);
  const engine = (await node.shell('containerd --version')).split(' ')[2] ?? '';
  await installer.run(image, ['cleanup']);
  const what = `containerd ${engine} restarts once for a changed answer of the shim: off by`;
  return [
    {
      what,
      measured: exactly(Math.abs(measured - 1)),
      unit: '',
      goal: 0,
      digits: 0,
      detail: `seen ${measured}`,
    },
  ];
}

async function countRestarts(node: BenchNode, version: string): Promise<number> {
  const before = await countStarts(node);
  const { stderr, exitCode } = await node.installer.run(version, ['install', '--once']);
  if (exitCode !== 0) throw new Error(stderr);
  return (await countStarts(node)) - before;
}

async function countStarts(node: BenchNode): Promise<number> {
  const log = await node.shell(
    "journalctl --quiet --unit=containerd --output=cat --grep='^Started containerd'",
  );
  return log.trim().split('\n').length;
}
