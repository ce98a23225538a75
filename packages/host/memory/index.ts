/** Not for programs: a machine in memory, for tests. */
export * from './memory-files.ts';
export * from './memory-host.ts';
export * from './memory-units.ts';
