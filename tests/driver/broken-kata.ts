/**
 * A release of Kata that is broken: a double. Its shim is a script before the lab's stand-in. On each node, a file says
 * how it fails; without the file it works.
 */
import { chmod, cp, mkdtempDisposable, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { LabDriver } from './lab-driver.ts';
import { pushChart, smallPayload } from './lab-registry.ts';

export const brokenVersion = '3.26.0';

/** `not-started`: no sandbox starts. The other two happen while the container runs: the VM dies, or hangs. */
export type KataFailure = 'not-started' | 'crashed' | 'timed-out';

const repository = join(import.meta.dirname, '../..');
const modeFile = '/run/kata-test-broken';

/** The container's process stands for the virtual machine. */
const brokenShim = `#!/bin/sh
self=$(readlink -f "$0")
for verb; do :; done
mode=
[ "$verb" = start ] && mode=$(cat ${modeFile} 2>/dev/null)
case $mode in
  not-started) echo 'the virtual machine did not start: the hypervisor ended with exit code 1' >&2; exit 1 ;;
  crashed) signal=KILL ;;
  timed-out) signal=STOP ;;
esac
if [ -n "$signal" ] && grep -q '"io.kubernetes.cri.container-type":"container"' config.json; then
  (
    for i in $(seq 50); do [ -s init.pid ] && break; sleep 0.2; done
    sleep 1
    kill -$signal "$(cat init.pid)"
  ) </dev/null >/dev/null 2>&1 &
fi
exec "$self.whole" "$@"
`;

/** Its image and its chart, as version `brokenVersion`. */
export async function publishBrokenKata(lab: LabDriver): Promise<void> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'kata-broken-'));
  const components = join(scratch.path, 'components');
  await cp((await smallPayload('3.25.0')).components, components, { recursive: true });
  for (const archive of await readdir(components)) {
    if (archive.startsWith('kata-static-shim-')) await breakShims(join(components, archive), scratch.path);
  }
  const image = join(scratch.path, 'image');
  await execa(join(repository, 'bin/kata-packaging'), [
    ...['payload', '--components', components, '--version', brokenVersion, '--output', image],
  ]);
  await lab.lab(['load', image, '--as', `kata-deploy:${brokenVersion}`]);
  await pushChart(lab, brokenVersion);
}

async function breakShims(archive: string, scratch: string): Promise<void> {
  await using tree = await mkdtempDisposable(join(scratch, 'tree-'));
  await execa('tar', ['--zstd', '-xf', archive, '-C', tree.path]);
  const entries = await readdir(tree.path, { recursive: true });
  for (const entry of entries) {
    const path = join(tree.path, entry);
    if (entry.endsWith('/containerd-shim-kata-v2')) {
      await rename(path, `${path}.whole`);
      await writeFile(path, brokenShim);
      await chmod(path, 0o755);
    }
    if (entry.endsWith('opt/kata/VERSION')) {
      const text = await readFile(path, 'utf8');
      await writeFile(path, text.replace('3.25.0', brokenVersion));
    }
  }
  await execa('tar', ['--zstd', '-cf', archive, '-C', tree.path, '.']);
}

/** Undefined: the release works. */
export async function breakKata(
  lab: LabDriver,
  node: string,
  failure: KataFailure | undefined,
): Promise<void> {
  await lab.onNode(node, ['sh', '-c', `echo ${failure ?? 'whole'} >${modeFile}`]);
}
