/** One round: install, status, upgrade and cleanup on a node, and for comparison unpacking the archives with tar. */
import { readUnitStart } from '../driver/kata-steps.ts';
import { imageDirectory } from '../driver/node-installer.ts';
import type { BenchNode, Measured } from './bench-node.ts';
import { changedMegabytes } from './changed-megabytes.ts';
import type { LabelWatch } from './label-watch.ts';
import type { Samples } from './samples.ts';

export const versions = ['3.24.0', '3.25.0'] as const;
const [first, second] = versions;
/** Repeats of commands that take less than a second, because the load of the machine affects them more. */
const shortRepeats = 3;
const tarTarget = '/opt/bench';

/** Unpacks what `install` writes with tar, to the same disk. */
export function tarCommand(components: readonly string[]): string {
  const archives = `${imageDirectory(first)}/opt/kata-artifacts/tarballs`;
  const names = components.map((name) => `kata-static-${name}.tar.zst`).join(' ');
  return `cd ${archives} && for f in ${names}; do tar --zstd -xf $f -C ${tarTarget} || exit 1; done; sync --file-system ${tarTarget}`;
}

/** Kata must not be installed on the node, and is removed again. */
export async function runRound(
  node: BenchNode,
  watch: LabelWatch,
  samples: Samples,
  tar: string,
): Promise<void> {
  await node.shell(`mkdir -p ${tarTarget}`);
  const { seconds, cpuSeconds } = await node.measureShell(tar);
  samples.add({ 'tar.seconds': seconds, 'tar.cpu': cpuSeconds });
  await node.shell(`rm -rf ${tarTarget} && sync --file-system /opt`);

  const install = await node.install(first);
  addRun(samples, 'install', install);
  samples.add({
    'install.labelled': await watch.secondsSince(install.startMs),
    'install.writing': writingSeconds(install),
  });
  await runShort(node, samples);
  await runUpgrade(node, samples);
  addRun(samples, 'uninstall', await node.run(second, ['cleanup']));
  await node.shell('sync --file-system /opt');
}

async function runShort(node: BenchNode, samples: Samples): Promise<void> {
  const before = await readUnitStart(node.lab, node.name);
  await node.shell('touch /tmp/stamp');
  for (let i = 0; i < shortRepeats; i += 1) {
    addRun(samples, 'node', await node.runBare(first, '/usr/bin/node -e 0'));
    addRun(samples, 'help', await node.runBare(first, '/usr/bin/node /usr/lib/kata-deploy/main.mjs --help'));
    addRun(samples, 'again', await node.install(first));
    addRun(samples, 'status', await node.run(first, ['status']));
  }
  const newer = await node.shell('find /opt /etc -newer /tmp/stamp -not -type d');
  const restarts = (await readUnitStart(node.lab, node.name)) === before ? 0 : 1;
  samples.add({ 'again.files': newer === '' ? 0 : newer.split('\n').length, 'again.restarts': restarts });
}

async function runUpgrade(node: BenchNode, samples: Samples): Promise<void> {
  const before = await readUnitStart(node.lab, node.name);
  const upgrade = await node.install(second);
  addRun(samples, 'upgrade', upgrade);
  samples.add({
    'upgrade.restarts': (await readUnitStart(node.lab, node.name)) === before ? 0 : 1,
    'upgrade.written': Number(/files written \(([\d.]+) MB\)/.exec(upgrade.stderr)?.[1]),
    'upgrade.changed': await changedMegabytes(node, versions),
  });
}

function addRun(samples: Samples, name: string, { seconds, cpuSeconds, peakMegabytes }: Measured): void {
  samples.add({
    [`${name}.seconds`]: seconds,
    [`${name}.cpu`]: cpuSeconds,
    [`${name}.peak`]: peakMegabytes,
  });
}

/** From the line that reports the start of writing the release to the line that reports its end. */
function writingSeconds({ stderr }: Measured): number {
  const times = [...stderr.matchAll(/^(\S+Z) (?:\S+: )?write release /gm)].map((match) =>
    Date.parse(match[1] ?? ''),
  );
  const [start, end] = times;
  if (start === undefined || end === undefined || times.length !== 2) {
    throw new Error(`the installer does not report when it wrote its release:\n${stderr}`);
  }
  return (end - start) / 1000;
}
