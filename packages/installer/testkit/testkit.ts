/**
 * A node in memory for tests of programs.
 *
 * Room `testkit`: a machine in memory with power losses, I/O errors and foreign edits, for the tests of every program.
 * Nothing that ships imports it.
 */
export { MemoryNode } from './memory-node.ts';
export { usualMachine } from './scenarios.ts';
export { type Payloads, usePayloads } from './use-payloads.ts';
export { someSettings } from './some-settings.ts';
