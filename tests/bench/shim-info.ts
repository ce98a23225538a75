/** Counts restarts for a payload with another `-info` answer of its shims: an engine that caches it must restart once. */
import type { BenchNode } from './bench-node.ts';
import { exactly, type Row } from './goals.ts';

const image = 'another-answer';
const edit =
  'const p = "opt/kata-artifacts/payload.json", m = JSON.parse(fs.readFileSync(p)); for (const s in m.shimInfo) m.shimInfo[s] = "0".repeat(64); fs.writeFileSync(p, JSON.stringify(m))';

/** Kata must not be installed on the node, and is removed again. */
export async function shimInfoRows(node: BenchNode): Promise<readonly Row[]> {
  const { installer } = node;
  await installer.unpack(image, '3.25.0');
  await installer.change(image, `usr/bin/node -e '${edit}'`);
  await countRestarts(node, '3.24.0');
  const measured = await countRestarts(node, image);
  const engine = (await node.shell('containerd --version')).split(' ')[2] ?? '';
  await installer.run(image, ['cleanup']);
  const what = `containerd ${engine} restarts for a changed answer of the shim: difference from 1`;
  return [
    {
      what,
      measured: exactly(Math.abs(measured - 1)),
      unit: '',
      goal: 0,
      digits: 0,
      detail: `${measured} restarts`,
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
