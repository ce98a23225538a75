/** `make demo`: three nodes on three engines, what they can do, and Kata installed, upgraded and removed on them. */
import { createEmitter, createLinesReporter, formatSeconds, formatTable, Progress } from '@kata/report';
import { execa } from 'execa';
import {
  logsAndExecWork,
  podRunsByDigest,
  podsReachApi,
  podsReachEachOther,
  podsSurviveEngineRestart,
  startPods,
} from '../driver/cluster-checks.ts';
import { LabDriver, labProgram } from '../driver/lab-driver.ts';
import { runFullLifecycle } from './full-lifecycle.ts';

const keep = process.env['KEEP'] === '1';
const name = 'demo';
const lab = new LabDriver(name);
const nodes = ['n1', 'n2', 'n3'];
const engines = ['containerd-2.4', 'containerd-2.2', 'containerd-1.6'];
const startedAt = performance.now();
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Its progress is the demo's progress, so it writes to the same terminal. */
async function labInTerminal(...words: readonly string[]): Promise<void> {
  print(`\n$ bin/lab ${words.join(' ')}`);
  await execa(labProgram, words, { stdio: 'inherit' });
}

await labInTerminal('down', '--name', name);
const now = (): Date => new Date();
const progress = new Progress(createEmitter(createLinesReporter({ write: print, now }), { now }));
try {
  await labInTerminal('up', '--name', name, ...engines.flatMap((engine) => ['--engine', engine]));
  await labInTerminal('status', '--name', name);
  print('');
  const show = async (title: string, run: () => Promise<string>): Promise<void> => {
    await progress.task(title, async (say) => {
      say(await run());
    });
  };
  const { rootFileSystem } = JSON.parse(await lab.lab(['build', 'kube', '--output', 'json'])) as {
    rootFileSystem: string;
  };
  const pods = await progress.task('a pod on each node', async () => await startPods(lab, nodes));
  await show('pods reach each other', async () => await podsReachEachOther(lab, pods));
  await show('pods reach the API', async () => await podsReachApi(lab, pods));
  await show('logs and exec', async () => await logsAndExecWork(lab, pods));
  await show(
    'a pod by digest',
    async () => await podRunsByDigest(lab, 'n1', `${rootFileSystem}/usr/bin/busybox`),
  );
  await show('restarted engines', async () => await podsSurviveEngineRestart(lab, pods));
  await labInTerminal('publish', '--name', name);
  print('');
  const rows = await runFullLifecycle(lab, nodes, progress);
  print(`\n${formatTable([['NODE', 'STEP', 'SEEN'], ...rows.map((row) => [row.node, row.step, row.seen])])}`);
} finally {
  if (keep) {
    print(`\nKept, because KEEP=1. Use it with:  bin/lab kubectl --name ${name} get pods -o wide`);
    print(`Remove it with:  bin/lab down --name ${name}`);
  } else {
    await labInTerminal('down', '--name', name);
  }
}
print(`\nThe demo took ${formatSeconds((performance.now() - startedAt) / 1000)}.`);
