export * from './ask-kubelet.ts';
export * from './check-result.ts';
export * from './examine-node.ts';
export * from './format-results.ts';
export type { DoctorOptions } from './probe.ts';
