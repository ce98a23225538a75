/** Not for programs: a machine in memory, for tests. */
export * from './memory-files.ts';
export type { MemorySeed } from './memory-seed.ts';
export * from './memory-host.ts';
export * from './memory-units.ts';
export * from './memory-disk.ts';
export * from './power-loss.ts';
export * from './faulty-files.ts';
