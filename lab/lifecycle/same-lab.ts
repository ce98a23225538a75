/** Whether a running lab is the one that `lab up` asks for. */
import { exitCodes, KataError } from '@kata/core';
import type { EngineName } from '../engines/catalog.ts';
import type { LabRecord } from '../record.ts';

export interface WantedLab {
  /** One per node. */
  readonly engines: readonly EngineName[];
  /** Whether the cluster has Argo Workflows; one that has them also serves who does not need them. */
  readonly argo: boolean;
}

export function requireSameLab(existing: LabRecord, wanted: WantedLab): void {
  const has = existing.nodes.map((node) => node.engine);
  if (has.length !== wanted.engines.length || !has.every((e, i) => e === wanted.engines[i])) {
    throw new KataError(
      'KATA_LAB_EXISTS',
      `lab "${existing.name}" is already running with other nodes (${has.join(', ')})`,
      {
        exitCode: exitCodes.conflict,
        hint: 'add a node (lab node add), create a lab with another name (--name), or remove this one (lab down)',
      },
    );
  }
  if (!wanted.argo || existing.argo) return;
  throw new KataError('KATA_LAB_EXISTS', `lab "${existing.name}" is already running without Argo Workflows`, {
    exitCode: exitCodes.conflict,
    hint: 'create a lab with another name (--name), or remove this one (lab down)',
  });
}
