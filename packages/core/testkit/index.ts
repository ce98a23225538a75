export * from './jumping-clock.ts';
