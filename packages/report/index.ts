/**
 * One model of events for all programs: an event is plain data with time, node and a kind. A package emits its own kinds
 * and maps each to a `ProgressEvent` for users; reporters handle only those. Nothing else prints progress.
 */
export * from './event.ts';
export * from './failure.ts';
export * from './lines-reporter.ts';
export * from './json-reporter.ts';
export * from './open-reporter.ts';
export * from './progress.ts';
export { formatSeconds } from './task-board.ts';
export * from './table.ts';
export * from './with-progress.ts';
