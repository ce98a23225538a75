/** Another program removes files of the installation while the waiter watches: the node reports it in time and it is repaired. */
import { strict as assert } from 'node:assert';
import { type ClusterInstaller, readTimedEvents, type RunOptions } from '../driver/cluster-installer.ts';
import type { LossName } from './model.ts';
import { foreignFolder } from './other-program.ts';

/** From the loss until the node reports it. */
const noticedMs = 15_000;
const repairedMs = 60_000;

export interface Drift {
  readonly noticedMs: number;
  readonly repairedMs: number;
}

/** Returns how long it took. The waiter runs only during this step; other steps of the soak run without it. */
export async function driftOnce(
  cluster: ClusterInstaller,
  loss: LossName,
  options: RunOptions,
): Promise<Drift> {
  const waiter = cluster.command(['decide'], { ...options, waits: 'watching' });
  const log = '/run/kata-soak/waiter';
  const script = `set -e
    now() { date +%s%3N; }
    await() { for i in $(seq ${repairedMs / 100}); do tail -n +$1 ${log} | grep -q "$2" && return; sleep 0.1; done
      echo "no line '$2' of the waiter:"; cat ${log}; return 1; }
    mkdir -p /run/kata-soak
    ${waiter.text} >${log} 2>&1 &
    trap 'systemctl kill --signal=SIGKILL ${waiter.unit}; wait' EXIT
    await 1 '^no drift'
    lines=$(wc -l <${log})
    lost=$(now)
    ${lossScript(loss)}
    await $((lines + 1)) '^repaired'
    repaired=$(now)
    await $((lines + 1)) '^no drift'
    echo "$lost $repaired"
    sed 's/^/waiter: /' ${log} >&2`;
  const { exitCode, stdout, stderr } = await cluster.lab.tryLab(
    ['exec', cluster.node, '--', 'bash', '-s'],
    script,
  );
  assert.equal(exitCode, 0, `drift (${loss}) on ${cluster.node}:\n${stdout}\n${stderr}`);
  const [lost = Number.NaN, repaired = Number.NaN] = (stdout.split('\n').at(-1) ?? '').split(' ').map(Number);
  // Nodes share the clock of the machine.
  const said = (await readTimedEvents(cluster.lab, cluster.node)).findLast(
    ({ reason }) => reason === 'Drifted',
  );
  const noticed = (said?.at ?? Number.NaN) - lost;
  assert.ok(
    noticed >= 0 && noticed <= noticedMs,
    `drift (${loss}) was reported after ${noticed} ms:\n${stderr}`,
  );
  return { noticedMs: noticed, repairedMs: repaired - lost };
}

/** The drop-in is in the folder that the main file imports, if any. */
const dropInLoss =
  'set -- $(ls /etc/containerd/conf.d/kata-deploy*.toml /opt/kata/containerd/config.d/*.toml 2>/dev/null); rm "$@"';

function lossScript(loss: LossName): string {
  switch (loss) {
    case 'link bin':
      return 'rm /opt/kata/bin';
    case 'link current':
      return 'rm /opt/kata/current';
    case 'text in the main file':
      // Like a program that rewrites the whole file; a file that imports our drop-in by its own glob has no text of ours.
      return `if cmp -s ${foreignFolder}/config.toml /etc/containerd/config.toml; then ${dropInLoss}; else
        cp -a ${foreignFolder}/config.toml /etc/containerd/.config.toml.new
        mv /etc/containerd/.config.toml.new /etc/containerd/config.toml; fi`;
    case 'drop-in':
      return dropInLoss;
  }
}
