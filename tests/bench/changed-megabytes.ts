/** How much of a newer release differs from an older one: the least that an upgrade can write. */
import type { BenchNode } from './bench-node.ts';

/** Size of the second version's regular files whose content is not in the first version. */
export async function changedMegabytes(
  node: BenchNode,
  [old, young]: readonly [string, string],
): Promise<number> {
  const files = `find . -type f -not -path '*/runtimes/*' -not -name manifest.json -exec sha256sum {} +`;
  const script = `cd /opt/kata/releases && for r in ${old}-* ${young}-*; do (cd $r && ${files} | awk -v r=$r '{print $1, r "/" $2}'); done |
    awk '{ if (index($2, "${old}-") == 1) old[$1] = 1; else if (!($1 in old)) print $2 }' |
    xargs -r stat --format=%s | awk '{ s += $1 } END { print s }'`;
  return Number(await node.shell(script)) / 1e6;
}
