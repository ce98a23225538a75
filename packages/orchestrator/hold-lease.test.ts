import { JumpingClock } from '@kata/core/testkit';
import { type ScriptedAnswer, type SeenRequest, startScriptedApi } from '@kata/kube/testkit';
import { expect, test } from 'vitest';
import type { FleetContext } from './context.ts';
import { holdLease } from './hold-lease.ts';

interface Spec {
  readonly holderIdentity?: string;
}

/** Renewals never become due. */
class StillClock extends JumpingClock {
  override async sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    await new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }
}

/** Holders of the Lease after the end of one step of a workflow. */
async function holderAfter(step: (lease: Awaited<ReturnType<typeof holdLease>>) => void): Promise<unknown> {
  let spec: Spec | undefined;
  const answer = ({ method, body }: SeenRequest): ScriptedAnswer => {
    if (method === 'POST') ({ spec } = body as { readonly spec: Spec });
    if (method === 'PATCH') spec = (body as readonly { readonly value: Spec }[]).at(-1)?.value;
    if (spec === undefined) return { status: 404 };
    return { status: 200, body: { metadata: { uid: 'l1', resourceVersion: '1' }, spec } };
  };
  await using server = await startScriptedApi(answer);
  const clock = new StillClock();
  const context: FleetContext = {
    ...{ api: server.connect({ clock }).api, clock, emit: () => () => undefined },
    installation: { namespace: 'kata', release: 'kata-deploy', daemonSet: 'kata-deploy', suffix: '' },
  };
  {
    await using lease = await holdLease(context, { isForced: false, workflow: 'w1' });
    step(lease);
  }
  return (spec as Spec | undefined)?.holderIdentity;
}

test('the Lease of a workflow stays held between its steps', async () => {
  expect(await holderAfter(() => undefined)).toBe('workflow-w1');
});

test('its last step releases it, so that the next workflow starts at once', async () => {
  expect(await holderAfter((lease) => lease.releaseAtEnd(true))).toBeUndefined();
});
