import { verificationPod } from './lifecycle.ts';

/** A verification pod that fails on one node, after so many seconds. */
export function podFailingOn(node: string, seconds = 0): string {
  return verificationPod(`sleep ${seconds}; test "$NODE_NAME" != ${node}`).replace(
    'command:',
    'env: [{ name: NODE_NAME, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }]\n      command:',
  );
}
