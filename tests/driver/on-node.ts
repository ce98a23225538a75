/** Measures on a node of the lab, without what it costs to get there. */
import type { LabDriver } from './lab-driver.ts';
import type { NodeInstaller } from './node-installer.ts';

export interface MeasuredNode {
  readonly lab: LabDriver;
  readonly name: string;
  readonly installer: NodeInstaller;
}

/** Wall time of a shell command on the node, in seconds. */
export async function timeOnNode({ lab, name }: MeasuredNode, command: string): Promise<number> {
  const script = `s=$(date +%s%N)
    { ${command}; } >/tmp/bench.log 2>&1 || { cat /tmp/bench.log >&2; exit 1; }
    e=$(date +%s%N); echo $(( (e - s) / 1000 ))`;
  return Number(await lab.onNode(name, ['sh', '-c', script])) / 1e6;
}

/** The same of the installer's process alone: without the unit's start, which a container's start stands for. */
export async function timeInstaller(
  { lab, name, installer }: MeasuredNode,
  image: string,
  words: readonly string[],
): Promise<number> {
  const timer = ['/bin/bash', '-c', 'TIMEFORMAT=%R; { time "$@" >/tmp/bench.log 2>&1; } 2>&1', 'timer'];
  const { text } = installer.commandUnder(timer, image, words);
  return Number(await lab.onNode(name, ['sh', '-c', text]));
}

/** The peak of what the installer's process had resident, in megabytes, as the kernel kept it, looked at all the time. */
export async function peakMegabytes(
  { lab, name, installer }: MeasuredNode,
  image: string,
  words: readonly string[],
): Promise<number> {
  const { text, unit } = installer.command(image, words);
  const script = `${text} >/dev/null 2>&1 & pid=$!; peak=0; main=0
    while [ "$main" = 0 ] && kill -0 $pid 2>/dev/null; do
      main=$(systemctl show --value --property=MainPID ${unit}); done
    while [ -e /proc/$main ]; do
      while read -r key value _; do
        [ "$key" = VmHWM: ] && [ "$value" -gt $peak ] && peak=$value; done 2>/dev/null </proc/$main/status
      sleep 0.02
    done
    wait $pid || exit 1; echo $peak`;
  return (Number(await lab.onNode(name, ['sh', '-c', script])) * 1024) / 1e6;
}
