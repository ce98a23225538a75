/** `make bench`: what installing costs on a node of the lab, against plain `tar`. Figures are ratios of one run. */
import { neededComponents, shims } from '@kata/kata';
import { formatTable } from '@kata/report';
import { readUnitStart } from '../driver/kata-walk.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { NodeInstaller } from '../driver/node-installer.ts';
import { type MeasuredNode, peakMegabytes, timeInstaller, timeOnNode } from '../driver/on-node.ts';

const repeats = 3;
/** Of what takes less than a second, where the machine's moods count for more. */
const shortRepeats = 9;
const lab = new LabDriver('bench');
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const rows: (readonly string[])[] = [['WHAT', 'SEEN', 'GOAL', 'MET']];

function report(what: string, seen: string, goal: string, isMet: boolean): void {
  rows.push([what, seen, goal, isMet ? 'yes' : 'NO']);
  print(`${isMet ? '✔' : '✘'} ${what}: ${seen} (goal ${goal})`);
}

async function median(run: () => Promise<number>, times = repeats): Promise<number> {
  const values: number[] = [];
  for (let i = 0; i < times; i += 1) values.push(await run());
  return values.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? Number.NaN;
}

async function benchInstall(node: MeasuredNode): Promise<void> {
  const install = node.installer.command.bind(node.installer);
  const chosen = ['qemu', 'clh'].flatMap((name) => shims.get(name) ?? []);
  const needed = neededComponents(chosen, 'x86_64').map((name) => `kata-static-${name}.tar.zst`);
  const unpack = `for f in ${needed.join(' ')}; do tar --zstd -xf $f -C /opt/bench || exit 1; done`;
  const baseline = `rm -rf /opt/bench && mkdir -p /opt/bench && cd ${archives} && ${unpack}; sync --file-system /opt/bench`;
  print(`\nbaseline: ${baseline}\n`);
  const plain = await median(async () => await timeOnNode(node, baseline));
  await lab.onNode(node.name, ['rm', '-rf', '/opt/bench']);
  const first = await median(async () => {
    await timeOnNode(node, install('3.24.0', ['cleanup']).text);
    return await timeOnNode(node, install('3.24.0', ['install', '--once']).text);
  });
  const ratio = first / plain;
  report(
    'first install against tar with zstd',
    `${ratio.toFixed(2)} (${first.toFixed(1)} s, ${plain.toFixed(1)} s)`,
    'at most 1.5',
    ratio <= 1.5,
  );

  await lab.onNode(node.name, ['touch', '/tmp/stamp']);
  const start = await readUnitStart(lab, node.name);
  const again = await median(
    async () => await timeInstaller(node, '3.24.0', ['install', '--once']),
    shortRepeats,
  );
  const unit = await median(
    async () => await timeOnNode(node, install('3.24.0', ['install', '--once']).text),
    shortRepeats,
  );
  const newer = await lab.onNode(node.name, [
    'find',
    '/opt',
    '/etc',
    '-newer',
    '/tmp/stamp',
    '-not',
    '-type',
    'd',
  ]);
  const restarted = (await readUnitStart(lab, node.name)) !== start;
  report(
    'install again, nothing to do',
    `${again.toFixed(2)} s (as a unit: ${unit.toFixed(2)} s)`,
    'under 0.5 s',
    again < 0.5,
  );
  report(
    'files written by that, restarts',
    `${newer === '' ? 0 : newer.split('\n').length}, ${restarted ? 1 : 0}`,
    '0, 0',
    newer === '' && !restarted,
  );
}

async function benchUpgrade(node: MeasuredNode): Promise<void> {
  const before = await readUnitStart(lab, node.name);
  const { stderr, exitCode } = await node.installer.run('3.25.0', ['install', '--once']);
  if (exitCode !== 0) throw new Error(stderr);
  const written = Number(/files written \(([\d.]+) MB\)/.exec(stderr)?.[1]);
  const changed = await changedMegabytes(node);
  const ratio = written / changed;
  report(
    'bytes written by an upgrade against bytes that differ',
    `${ratio.toFixed(2)} (${written} MB, ${changed.toFixed(1)} MB)`,
    'at most 1.1',
    ratio <= 1.1,
  );
  const restarted = (await readUnitStart(lab, node.name)) !== before;
  report('restarts of containerd by an upgrade', restarted ? '1' : '0', '0', !restarted);
}

/** Of regular files of the new release whose content is nowhere in the old one. */
async function changedMegabytes({ name }: MeasuredNode): Promise<number> {
  const script = `cd /opt/kata/releases && for r in 3.24.0-* 3.25.0-*; do (cd $r && find . -type f -not -path '*/runtimes/*' -not -name manifest.json -exec sha256sum {} + | awk -v r=$r '{print $1, r "/" $2}'); done |
    awk '{ if ($2 ~ /^3.24/) old[$1] = 1; else if (!($1 in old)) print $2 }' | xargs -r stat --format=%s | awk '{ s += $1 } END { print s }'`;
  return Number(await lab.onNode(name, ['sh', '-c', script])) / 1e6;
}

/** A payload as the other, but for what its shims say of themselves: an engine that keeps the answer must start anew. */
async function benchShimInfo(other: MeasuredNode): Promise<void> {
  const { name, installer } = other;
  const edit =
    'const p = "opt/kata-artifacts/payload.json", m = JSON.parse(fs.readFileSync(p)); for (const s in m.shimInfo) m.shimInfo[s] = "0".repeat(64); fs.writeFileSync(p, JSON.stringify(m))';
  await installer.unpack('another-answer', '3.25.0');
  await installer.change('another-answer', `usr/bin/node -e '${edit}'`);
  const restarts = async (image: string): Promise<number> => {
    const before = await countStarts(name);
    const { stderr, exitCode } = await installer.run(image, ['install', '--once']);
    if (exitCode !== 0) throw new Error(stderr);
    return (await countStarts(name)) - before;
  };
  await installer.run('3.24.0', ['cleanup']);
  await restarts('3.24.0');
  const seen = await restarts('another-answer');
  const engine = (await lab.onNode(name, ['containerd', '--version'])).split(' ')[2] ?? '';
  report(`restarts of containerd ${engine} by a changed answer of the shim`, `${seen}`, '1', seen === 1);
  await installer.run('another-answer', ['cleanup']);
}

async function countStarts(name: string): Promise<number> {
  const log = await lab.onNode(name, [
    ...['journalctl', '--quiet', '--unit=containerd', '--output=cat', '--grep=^Started containerd'],
  ]);
  return log.trim().split('\n').length;
}

async function benchHelp(node: MeasuredNode): Promise<void> {
  const run = (words: string): string => `chroot ${image} /usr/bin/node ${words}`;
  const bare = await median(async () => await timeOnNode(node, run('-e 0')), shortRepeats);
  const help = await median(
    async () => await timeOnNode(node, run('/usr/lib/kata-deploy/main.mjs --help')),
    shortRepeats,
  );
  report(
    'kata-deploy --help',
    `${Math.round(help * 1000)} ms (bare Node: ${Math.round(bare * 1000)} ms)`,
    'under 100 ms',
    help < 0.1,
  );
}

async function benchMemory(node: MeasuredNode): Promise<void> {
  await timeOnNode(node, node.installer.command('3.24.0', ['cleanup']).text);
  const peak = await peakMegabytes(node, '3.24.0', ['install', '--once']);
  report('peak resident while installing', `${Math.round(peak)} MB`, 'under 150 MB', peak < 150);
  const waiter = await lab.onNode(node.name, [
    'sh',
    '-c',
    `chroot ${image} /usr/bin/kata-helper wait -- /bin/true & sleep 0.5; sed -n 's/^VmRSS: *//p' /proc/$!/status; kill -9 $!`,
  ]);
  const kibibytes = Number.parseInt(waiter, 10);
  report('resident after', `${kibibytes} KiB`, 'at most 2 MB', kibibytes <= 2048);
}

const image = '/run/kata-test/3.24.0';
const archives = `${image}/opt/kata-artifacts/tarballs`;
const nodes = ['n1', 'n2'].map((name): MeasuredNode => ({
  lab,
  name,
  installer: new NodeInstaller(lab, name),
}));
try {
  await lab.down();
  print('Bringing up a lab …');
  await lab.up(['--engine', 'containerd-2.2', '--engine', 'containerd-2.4']);
  await lab.lab(['publish']);
  for (const version of ['3.24.0', '3.25.0']) {
    for (const each of nodes) await each.installer.unpack(version, version);
  }
  const [node] = nodes;
  if (node === undefined) throw new TypeError('there is no node');
  await benchInstall(node);
  await benchUpgrade(node);
  await benchHelp(node);
  await benchMemory(node);
  for (const each of nodes) await benchShimInfo(each);
  print(`\n${formatTable(rows)}`);
} finally {
  await lab.down();
}
