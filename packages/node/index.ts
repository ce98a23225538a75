/**
 * What a node says and what follows from it: labels, status, approval, gate, the decision at the end of a pod. It is pure,
 * imports only what is pure, too, and is shared by the installer and by whoever upgrades a fleet. Not to be touched lightly: a
 * status is read by older and newer versions of both, and a label that says more than is true brings pods that cannot start.
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
export * from './truthful-labels.ts';
