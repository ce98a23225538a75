/** Refuses to work on another machine than the intended one. */
import { exitCodes, KataError } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';
import type { Settings } from '@kata/settings';

/** Where upstream's chart mounts the machine-id of the host into our container. */
const mounted: HostPath = '/host-machine-id';

/** @throws KataError `KATA_INSTALLER_MACHINE`; without `nodeMachineId` nothing is compared. */
export async function checkMachine(
  host: HostFiles,
  own: HostFiles,
  { nodeMachineId }: Pick<Settings, 'nodeMachineId'>,
): Promise<void> {
  if (nodeMachineId === undefined) return;
  const content = (await own.read(mounted)) ?? (await host.read('/etc/machine-id'));
  const found = content?.toString('utf8').trim();
  if (found === nodeMachineId) return;
  const isHidden = found === undefined;
  throw new KataError(
    'KATA_INSTALLER_MACHINE',
    isHidden
      ? `cannot tell whether this is machine ${nodeMachineId}: neither ${mounted} nor /etc/machine-id is there`
      : `this is machine ${found}, not ${nodeMachineId}`,
    {
      exitCode: exitCodes.precondition,
      hint: isHidden
        ? `mount the machine-id of the host at ${mounted}, or leave NODE_MACHINE_ID unset`
        : 'another machine has the name of this node now: run the job again for that machine',
    },
  );
}
