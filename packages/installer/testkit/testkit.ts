/** A node in memory for tests of programs. */
export { MemoryNode } from './memory-node.ts';
export { usualMachine } from './scenarios.ts';
export { type Payloads, usePayloads } from './use-payloads.ts';
export { someSettings } from './some-settings.ts';
