/**
 * Finds missing prerequisites of Kata on a machine: facts are read once, and each check is a pure function of them. It
 * changes nothing. What is not visible must be `unknown`, neither `ok` nor a `problem`: Jobs do not install after a problem.
 */
export * from './query-kubelet.ts';
export * from './check-result.ts';
export * from './examine-node.ts';
export * from './format-results.ts';
export type { DoctorOptions } from './probe.ts';
