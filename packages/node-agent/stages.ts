/** Installation and removal in stages, as the containers of a Job run them; the dispatcher labels the nodes. */
import type { Payload } from '@kata/artifacts';
import { type InstallStage, type Plan, refuseHeld, type Removal, type RemovalStage } from '@kata/installer';
import type { AgentContext } from './context.ts';
import { underLock } from './under-lock.ts';

/** Returns what it did; `command`: shown to processes that wait for the lock. */
export async function runInstallStage(
  context: AgentContext,
  command: string,
  stage: InstallStage,
  payload: Payload,
): Promise<Plan> {
  const { host, config, installation } = context;
  return await underLock(context, command, async () => {
    await refuseHeld(host, config.settings.prefix);
    return await installation.installStage(payload, stage);
  });
}

/** Returns what it did, and the sandboxes that it has to wait for. */
export async function runRemovalStage(
  context: AgentContext,
  command: string,
  stage: RemovalStage,
): Promise<Removal['plan']> {
  const { installation } = context;
  return await underLock(context, command, async () => {
    const removal = await installation.planRemoval(stage);
    const waitingFor = (await installation.remove(removal)).map(({ id }) => id);
    return { ...removal.plan, waitingFor };
  });
}
