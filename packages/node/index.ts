/**
 * Labels, status, approval, gate and cleanup decision of a node, as pure functions that installer and fleet upgrades share.
 * Change with care: older and newer versions of both read the status, and a wrong label brings pods that cannot start.
 */
export * from './approval.ts';
export * from './gate.ts';
export * from './status.ts';
export * from './version-of.ts';
export * from './compare-versions.ts';
export * from './decide.ts';
export * from './kata-class.ts';
export * from './node-labels.ts';
export * from './node-selection.ts';
export * from './stale-labels.ts';
