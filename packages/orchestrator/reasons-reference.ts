/** The reference of phases, reasons and codes of kata-lifecycle, from their tables. */
import { annotations } from '@kata/kata';
import { markdownTable } from '@kata/report/markdown-table';
import type { phases } from '@kata/rollout';
import { errorCodes } from './error-codes.ts';

type Word = (typeof phases)[keyof typeof phases]['word'];

const words: Readonly<Record<Word, string>> = {
  preparing: 'claimed by a run: its approval, uid and cordon are recorded on the node',
  cordoned: 'no new pods are scheduled on the node',
  draining: 'its pods are being evicted; only with `--drain`',
  upgrading: 'the new release is approved; the installer is switching to it',
  verifying: 'your pod is running on the new release',
  completed: 'your pod passed; the node is uncordoned unless an administrator had cordoned it',
  'rolling-back': 'the installer is switching to the earlier release, or your pod is running on it',
  'rolled-back': 'the node serves its earlier release and is uncordoned',
  failed: 'see `kata-lifecycle why NODE`: cordoned when the earlier release does not serve either',
};

const verdicts: Readonly<Record<string, string>> = {
  'no-room': 'the pod was not admitted: not enough CPU, memory, devices or pods on the node',
  image: 'the image of the pod cannot be pulled',
  'not-started':
    'the sandbox or a container cannot be created: usually the cause is in Kata or the container runtime',
  crashed: 'a container could not start its command, was ended by a signal, or restarts again and again',
  'timed-out': 'the pod has not ended in time; `--verification-timeout`, without the pull of the image',
  'exit-N': 'the pod ended with exit code N',
};

const otherReasons: Readonly<Record<string, string>> = {
  install: 'the installer failed, or did not report in time',
  'no-offer': 'the installer offered no release in time; nothing was installed',
  drain:
    'a pod could not be evicted in time: the message names the PodDisruptionBudget; nothing was installed',
  run: 'another node of the run failed, with `--rollback-scope run`',
  stopped: 'the run was ended before the node was upgraded',
  rollback: 'rolled back by `kata-lifecycle rollback`',
};

export function renderLifecycleReasons(): string {
  return `## Phases of a node in a run

The annotation \`${annotations.upgradeStatus}\` of a node, and the label of the same name, have the phase of its last run. The
annotation and label \`${annotations.currentVersion}\` have the version that was verified last. \`kata-lifecycle why NODE\`
shows both with the reason.

${tableOf('phase', words)}
Why the verification pod failed. The message has its state, Events and log:

${tableOf('reason', verdicts)}
Other reasons of a node that was rolled back, or failed:

${tableOf('reason', otherReasons)}
## Codes of kata-lifecycle

In \`code\` of the event [\`command.failed\`](events.md#commandfailed-1), with the exit code of the command.

${markdownTable(
  ['code', 'exit code', 'meaning'],
  Object.entries(errorCodes).map(([code, { exits, meaning }]) => [`\`${code}\``, exits.join(', '), meaning]),
)}`;
}

function tableOf(head: string, rows: Readonly<Record<string, string>>): string {
  const cells = Object.entries(rows).map(([name, meaning]) => [`\`${name}\``, meaning]);
  return markdownTable([head, 'meaning'], cells);
}
