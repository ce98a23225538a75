export * from './lines-reporter.ts';
export * from './progress.ts';
export * from './task-board.ts';
export * from './terminal-reporter.ts';
