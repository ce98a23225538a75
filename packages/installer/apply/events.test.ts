import { createEmitter, createJsonReporter, describeProgress } from '@kata/report';
import { expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';
import { type DeployEvent, eventKinds, exampleLine } from './events-reference.ts';
import { asProgress, type InstallerEvent } from './events.ts';

const remote = someSettings(['remote']);
const payloads = usePayloads();
const examples: readonly DeployEvent[] = Object.values(eventKinds).map(({ example }) => example);

test.each(examples.map((event) => [event.kind, event] as const))(
  'an event of the kind %s is plain data: it is equal after writing and reading JSON',
  (kind, event) => {
    expect(JSON.parse(JSON.stringify(event))).toStrictEqual(event);
    expect(JSON.parse(exampleLine(kind))).toMatchObject(event);
  },
);

test('each kind has a message for users', () => {
  const lines = examples.map((event) =>
    event.kind === 'command.failed' ? event.message : describeProgress(asProgress(event)),
  );

  expect(lines).toMatchInlineSnapshot(`
    [
      "nothing to do",
      "write release 3.24.0-1a2b3c4d (9 components: 562.1 MB to write, 0 files shared) …",
      "write release 3.24.0-1a2b3c4d (9 components: 562.1 MB to write, 0 files shared): 812 of 2306 files, 215 of 562 MB written",
      "write release 3.24.0-1a2b3c4d (9 components: 562.1 MB to write, 0 files shared): 2306 files written (562.1 MB), 0 linked",
      "failed: restart containerd.service: its configuration changed: containerd.service did not start",
      "left for a later run, because Kata pods are running: remove release 3.23.0-5e6f7a8b",
      "rolling back the changes: containerd.service did not start …",
      "rolling back the changes: done",
      "failed: rolling back the changes: the run failed, and so did its rollback",
      "waiting for containerd.service (activating) …",
      "/opt/kata: the ownership record was lost and is rebuilt from the files on the node; if the node was held, the hold is lost, too: to hold the node again, run: kata-deploy rollback --to 3.24.0-1a2b3c4d --hold",
      "no drift: release 3.24.0-1a2b3c4d is unchanged",
      "planned: compare release 3.24.0-1a2b3c4d",
      "compare release 3.24.0-1a2b3c4d …",
      "compare release 3.24.0-1a2b3c4d: 812 of 2306 files",
      "compare release 3.24.0-1a2b3c4d: 2306 of 2306 files",
      "failed: compare release 3.24.0-1a2b3c4d: EIO: i/o error, read",
      "kata-deploy: terminated (SIGTERM) before everything was done
      next: run it again: it resumes where it stopped",
    ]
  `);
});

/** Lines of JSON that a run writes; every event comes 100 ms after the last. */
async function linesOf(
  node: MemoryNode,
  run: (installation: ReturnType<MemoryNode['installation']>) => Promise<unknown>,
): Promise<string> {
  const lines: string[] = [];
  let nowMs = Date.parse('2026-01-01');
  const reporter = createJsonReporter<InstallerEvent>({
    write: (line) => lines.push(line),
    monotonicMs: () => nowMs,
    asProgress,
  });
  const emit = createEmitter(reporter, { now: () => new Date((nowMs += 100)), node: 'worker-1' });
  await run(node.installation(remote, { emit })).catch(() => lines.push('(failed)'));
  // Ids follow from all that is generated into a release.
  return `${lines.join('\n').replaceAll(/(?<=3\.\d+\.0-)[0-9a-f]{8}/g, '(hash)')}\n`;
}

test('an installation, an upgrade whose restart fails, another, and a rollback as lines of JSON', async () => {
  const node = await MemoryNode.start(usualMachine);

  const first = await linesOf(node, async (each) => await each.install(payloads.first));
  node.refusesStart = true;
  const second = await linesOf(node, async (each) => await each.install(payloads.second));
  const again = await linesOf(node, async (each) => await each.install(payloads.second, { retries: true }));
  const third = await linesOf(node, async (each) => await each.rollback());

  await expect([first, second, again, third].join('\n')).toMatchFileSnapshot('fixtures/events.jsonl');
});
