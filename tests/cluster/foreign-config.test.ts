/** A node whose administrator wrote the containerd configuration: it stays active, and uninstall restores the file. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { carefulSchema2 } from '../driver/main-files.ts';
import {
  helmRelease,
  helmUninstall,
  newestShimVersion,
  readTree,
  startKataPod,
} from '../driver/kata-steps.ts';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('test-foreign');
const main = '/etc/containerd/config.toml';

const foreign = `${carefulSchema2}\n\n# end of file, without a newline`;

beforeAll(async () => {
  await lab.down();
  await lab.up(['--engine', 'containerd-2.2']);
  await lab.lab(['publish']);
  await lab.onNode('n1', ['tee', main], foreign);
  await lab.onNode('n1', ['systemctl', 'restart', 'containerd']);
});

afterAll(async () => {
  await lab.down();
});

/** The configuration that containerd would load. */
async function dump(): Promise<string> {
  return await lab.onNode('n1', ['containerd', 'config', 'dump']);
}

/** Lines that are in one text and not in the other. */
function difference(before: string, after: string): { readonly gone: string[]; readonly added: string[] } {
  const lines = (text: string): string[] => text.split('\n').map((line) => line.trim());
  const had = new Set(lines(before));
  const has = new Set(lines(after));
  return {
    gone: lines(before).filter((line) => !has.has(line)),
    added: lines(after).filter((line) => !had.has(line)),
  };
}

test('existing settings stay active next to our handlers, and uninstall restores the file byte for byte', async () => {
  const treeBefore = await readTree(lab, 'n1');
  const dumpBefore = await dump();
  await helmRelease(lab, '3.24.0', 'install');

  const { gone, added } = difference(dumpBefore, await dump());
  // Without imports the dump shows the built-in default, which containerd does not read.
  expect(gone).toEqual(["imports = ['/etc/containerd/conf.d/*.toml']"]);
  expect(added.filter((line) => line.startsWith('['))).toEqual([
    "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.kata-clh]",
    "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.kata-clh.options]",
    "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.kata-qemu]",
    "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.kata-qemu.options]",
  ]);
  const edited = await lab.onNode('n1', ['cat', main]);
  expect(edited.split('\n').filter((line) => !foreign.split('\n').includes(line))).toEqual([
    'imports = ["/opt/kata/containerd/config.d/*.toml"] # by kata-deploy',
  ]);
  await startKataPod(lab, 'kata-pod', 'n1');
  expect(await newestShimVersion(lab, 'n1')).toBe('3.24.0');
  await lab.deletePod('kata-pod');
  // Kubernetes deletes a pod at once; its sandbox ends a moment later, and the removal waits for sandboxes.
  const patience = { timeout: 60_000, interval: 500 };
  await expect.poll(async () => await lab.onNode('n1', ['ls', '/run/vc/sbs']), patience).toBe('');

  await helmUninstall(lab);
  await expect
    .poll(async () => await readTree(lab, 'n1'), { timeout: 120_000, interval: 2000 })
    .toEqual(treeBefore);
});
