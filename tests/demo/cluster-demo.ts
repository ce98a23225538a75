/** `make demo`: starts three nodes on three container runtimes, then installs, upgrades and removes Kata on them. */
import { systemClock } from '@kata/core';
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

/** Shows the command and its output. */
async function labInTerminal(...words: readonly string[]): Promise<void> {
  print(`\n$ bin/lab ${words.join(' ')}`);
  await execa(labProgram, words, { stdio: 'inherit' });
}

await labInTerminal('down', '--name', name);
const progress = new Progress(
  createEmitter(createLinesReporter({ write: print, clock: systemClock }), systemClock),
);
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
  const pods = await progress.task('start a pod on each node', async () => await startPods(lab, nodes));
  await show('requests between pods', async () => await podsReachEachOther(lab, pods));
  await show('requests from pods to the API server', async () => await podsReachApi(lab, pods));
  await show('kubectl logs and exec', async () => await logsAndExecWork(lab, pods));
  await show(
    'start a pod by image digest',
    async () => await podRunsByDigest(lab, 'n1', `${rootFileSystem}/usr/bin/busybox`),
  );
  await show('restart containerd on each node', async () => await podsSurviveEngineRestart(lab, pods));
  await labInTerminal('publish', '--name', name);
  print('');
  const rows = await runFullLifecycle(lab, nodes, progress);
  print(
    `\n${formatTable([['NODE', 'STEP', 'RESULT'], ...rows.map((row) => [row.node, row.step, row.seen])])}`,
  );
} finally {
  if (keep) {
    print(`\nKEEP=1: the cluster is still running. Try:  bin/lab kubectl --name ${name} get pods -o wide`);
    print(`Remove it:  bin/lab down --name ${name}`);
  } else {
    await labInTerminal('down', '--name', name);
  }
}
print(`\nThe demo took ${formatSeconds((performance.now() - startedAt) / 1000)}.`);
