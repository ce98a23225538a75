import { verificationPod } from './lifecycle.ts';

/** A verification pod that fails on one node. */
export function podFailingOn(node: string): string {
  return verificationPod(`test "$NODE_NAME" != ${node}`).replace(
    'command:',
    'env: [{ name: NODE_NAME, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }]\n      command:',
  );
}
