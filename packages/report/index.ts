export * from './lines-reporter.ts';
export * from './progress.ts';
export * from './table.ts';
export * from './task-board.ts';
export * from './terminal-reporter.ts';
export * from './with-progress.ts';
