export * from './architecture.ts';
export * from './clock.ts';
export * from './exit-codes.ts';
export * from './kata-error.ts';
export * from './wait-for.ts';
export * from './sha256.ts';
export * from './event-loop-yield.ts';
