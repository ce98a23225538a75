export * from './approval.ts';
export * from './gate.ts';
export * from './status.ts';
export * from './version-of.ts';
export * from './compare-versions.ts';
