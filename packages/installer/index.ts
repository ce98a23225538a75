export * from './actions.ts';
export * from './apply.ts';
export * from './decide.ts';
export * from './engine-session.ts';
export * from './installation.ts';
export * from './node-labels.ts';
export * from './record.ts';
export * from './settings/index.ts';
