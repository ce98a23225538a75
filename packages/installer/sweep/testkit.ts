/** A node in memory for tests of programs. */
export { MemoryNode } from './memory-node.ts';
export { usualMachine } from './scenarios.ts';
export { makeTwoTinyPayloads } from './tiny-payload.ts';
