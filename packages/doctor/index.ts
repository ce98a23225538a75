/**
 * What a machine lacks for Kata: facts are read once, and each check is a pure function of them. It may import what looks
 * at a machine or asks its kubelet, and changes nothing. Not to be touched lightly: what cannot be seen is `unknown` and
 * neither well nor a problem, for a problem keeps Jobs from installing.
 */
export * from './ask-kubelet.ts';
export * from './check-result.ts';
export * from './examine-node.ts';
export * from './format-results.ts';
export type { DoctorOptions } from './probe.ts';
