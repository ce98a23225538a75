/** Renders the generated files of the chart: the schema of its values, and the table that its templates read. */
import { goArchitectures } from '@kata/core';
import { graphicsSelector, isUsual, kataArchitectures, podOverhead, shims } from '@kata/kata';
import * as z from 'zod';
import { reservedHandlers } from '../custom-runtimes.ts';
import { chartValues } from './values.ts';

/** Enabled without a value of their own, unless `shims.disableAll`. */
const enabledWhenUnset: readonly string[] = ['clh', 'qemu'];

/** Those with a container runtime that this version supports, and the directories mounted for it. */
const supportedDistributions: readonly string[] = ['k8s'];

/** Smallest limit: an installation uses up to 150 MB (`make bench`). */
const minimumMemory = { quantity: '160Mi', bytes: 160 * 2 ** 20 };

export function renderValuesSchema(): string {
  const schema = z.toJSONSchema(chartValues, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ ...schema, title: 'Values of the chart kata-deploy' }, undefined, 2)}\n`;
}

export function renderShimTable(): string {
  const rows = [...shims.values()].map((shim) => [
    shim.name,
    {
      architectures: goArchitectures.filter((name) => shim.components[kataArchitectures[name]] !== undefined),
      usualArchitectures: goArchitectures.filter((name) => isUsual(shim, kataArchitectures[name])),
      language: shim.language,
      overhead: podOverhead(shim.name),
      nodeSelector: graphicsSelector(shim.name),
    },
  ]);
  const table = {
    architectures: Object.fromEntries(
      goArchitectures.map((name) => [name, kataArchitectures[name].toUpperCase()]),
    ),
    distributions: supportedDistributions,
    enabledWhenUnset,
    reservedHandlers,
    minimumMemory,
    shims: Object.fromEntries(rows),
  };
  return `${JSON.stringify(table, undefined, 2)}\n`;
}
