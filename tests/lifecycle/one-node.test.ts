/** A cluster with one node: how verifications fail, and what becomes of the node. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { breakKata, brokenVersion, type KataFailure, publishBrokenKata } from '../driver/broken-kata.ts';
import { Fleet, textOf, whole } from '../driver/fleet.ts';
import { podKeepsRunning, startKataPod } from '../driver/kata-steps.ts';
import type { PodState } from '../driver/lab-driver.ts';
import { verificationPod } from '../driver/lifecycle.ts';
import { damagePayload, damageStore } from '../driver/damaged-release.ts';

const node = 'n1';
/** Of the verification pod, where it is meant to run out. */
const soon = ['--verification-timeout', '25s'];
/** Long enough to notice that the virtual machine died or hangs. */
const lasting = verificationPod('uname -a; sleep 8; echo done');
let fleet: Fleet;
let living: PodState;

beforeAll(async () => {
  fleet = await Fleet.up('lifecycle-one-node', ['containerd-2.2']);
  await publishBrokenKata(fleet.lab);
  living = await startKataPod(fleet.lab, 'lives-through-it', node);
});

afterAll(async () => {
  await fleet.down();
});

describe('a broken Kata', () => {
  test.each<{ readonly failure: KataFailure; readonly says: RegExp }>([
    { failure: 'not-started', says: /FailedCreatePodSandBox.*the hypervisor ended with exit code 1/s },
    { failure: 'crashed', says: /container "verify" was ended by signal 9 \(SIGKILL\)/ },
    { failure: 'timed-out', says: /has not succeeded within 25 s: container "verify" is still running/ },
  ])('that ends with $failure returns to the earlier release', async ({ failure, says }) => {
    await fleet.begin();
    await breakKata(fleet.lab, node, failure);

    const ended = await fleet.lifecycle.upgrade(brokenVersion, lasting, { words: soon });

    expect(ended.exitCode, textOf(ended)).toBe(7);
    expect(ended.stderr).toMatch(says);
    expect(ended.stderr).toMatch(/pod default\/kata-verify-\S+: /);
    expect(await fleet.ends()).toEqual({ [node]: 'rolled-back 3.24.0' });
    expect(await fleet.chartVersion()).toBe('3.24.0');
    const why = await fleet.why(node);
    expect(why).toMatch(says);
    expect(why).toContain(`failure ${failure}: `);
    expect(why).toMatch(/ {2}event \S+ \w+ \(\d+ times\): /);
  });
});

describe('a verification pod that fails everywhere', () => {
  test.each<{ readonly verdict: string; readonly pod: string; readonly says: RegExp }>([
    {
      verdict: 'exit-42',
      pod: verificationPod('echo tested the disk; exit 42'),
      says: /container "verify" ended with exit code 42/,
    },
    {
      verdict: 'image',
      pod: whole.replace('busybox:1', 'nothing:1'),
      says: /the image of container "verify" cannot be pulled: (?:ErrImagePull|ImagePullBackOff)/,
    },
    {
      verdict: 'no-room',
      pod: whole.replace('nodeSelector:', 'nodeSelector:\n    disk: ssd'),
      says: /it is not scheduled: Unschedulable/,
    },
    {
      // kubelet halves the signs.
      verdict: 'crashed',
      pod: verificationPod("sh -c 'kill -SEGV $$$$'; exit $?"),
      says: /container "verify" was ended by signal 11 \(SIGSEGV\)/,
    },
  ])('$verdict: the node is back, uncordoned, and the run says that it fails there, too', async (one) => {
    await fleet.begin();

    const ended = await fleet.lifecycle.upgrade('3.25.0', one.pod, { words: soon });

    expect(ended.exitCode, textOf(ended)).toBe(7);
    expect(ended.stderr).toMatch(one.says);
    expect(ended.stderr).toMatch(/rolled-back, 3\.24\.0-\w+, .*; on the earlier release, too: /);
    expect(await fleet.ends()).toEqual({ [node]: 'rolled-back 3.24.0' });
    const why = await fleet.why(node);
    expect(why).toContain(`failure ${one.verdict}: `);
    expect(why).toContain(`on the earlier release ${one.verdict}: `);
    expect((await fleet.node(node)).why).toMatch(/on the earlier release, too: /);
  });

  test('the log of the pod is in the output and in why', async () => {
    await fleet.begin();

    const ended = await fleet.lifecycle.upgrade('3.25.0', verificationPod('echo no disk here; exit 3'));

    expect(ended.stderr).toMatch(/log of verify:\s+no disk here/);
    expect(await fleet.why(node)).toMatch(/log of verify:\s+no disk here/);
  });
});

describe('an old release that is damaged', () => {
  test('in the store is healed from the payload', async () => {
    await fleet.begin();
    await breakKata(fleet.lab, node, 'crashed');

    const running = fleet.lifecycle.upgrade(brokenVersion, lasting);
    await fleet.untilPhase(node, 'verifying');
    await damageStore(fleet.lab, node, '3.24.0');
    const ended = await running;

    expect(ended.exitCode, textOf(ended)).toBe(7);
    expect(await fleet.ends()).toEqual({ [node]: 'rolled-back 3.24.0' });
    expect(await fleet.chartVersion()).toBe('3.24.0');
    expect((await fleet.node(node)).why).not.toContain('on the earlier release');
    expect(await fleet.claim(node)).toMatchObject({ isFromPayload: true });
  });

  test('in the store and in the payload stays cordoned, is named, and returns when the payload is sound', async () => {
    await fleet.begin();
    await breakKata(fleet.lab, node, 'crashed');

    const running = fleet.lifecycle.upgrade(brokenVersion, lasting);
    await fleet.untilPhase(node, 'verifying');
    await damageStore(fleet.lab, node, '3.24.0');
    const restore = await damagePayload(fleet.lab, node, '3.24.0');
    const ended = await running;

    expect(ended.exitCode, textOf(ended)).toBe(7);
    expect(await fleet.ends()).toEqual({ [node]: `failed ${brokenVersion} cordoned by run` });
    const { why, next } = await fleet.node(node);
    expect(why).toMatch(/rollback: /);
    expect(next).toBe('kata-lifecycle rollback n1 --namespace kata');

    await restore();
    const returned = await fleet.lifecycle.rollback([node]);

    expect(returned.exitCode, textOf(returned)).toBe(0);
    expect(await fleet.ends()).toEqual({ [node]: 'rolled-back 3.24.0' });
  });
});

test('without a rollback, the node stays on the new release, cordoned, and a rollback returns it once', async () => {
  await fleet.begin();

  const ended = await fleet.lifecycle.upgrade('3.25.0', verificationPod('exit 1'), {
    words: ['--rollback-scope', 'none'],
  });

  expect(ended.exitCode, textOf(ended)).toBe(7);
  expect(await fleet.ends()).toEqual({ [node]: 'failed 3.25.0 cordoned by run' });
  expect((await fleet.node(node)).next).toBe('kata-lifecycle rollback n1 --namespace kata');

  const file = ['--verification-timeout', '60s'];
  const first = await fleet.lifecycle.rollback([node], file);
  const revision = await fleet.revision();
  const second = await fleet.lifecycle.rollback([node], file);

  expect(textOf(first)).toContain('n1 is back on 3.24.0');
  expect(await fleet.ends()).toEqual({ [node]: 'rolled-back 3.24.0' });
  expect(textOf(second)).toContain('nothing was changed');
  expect(await fleet.revision()).toBe(revision);
});

test('a pod with Kata has been running all the time', async () => {
  expect(await fleet.ends()).toHaveProperty(node);
  await podKeepsRunning(fleet.lab, living);
});
