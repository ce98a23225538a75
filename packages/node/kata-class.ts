/** Whether a pod is of this installation, by the name of its RuntimeClass, for those who cannot read the class. Pure. */

/**
 * A class may have any name, so one counts unless it is called like a handler of somebody else, such as `nvidia`, `runc`
 * or that of another installation: a sandbox too many delays a removal, one too few would be lost. `nodeHandlers` are
 * all that the engine lists.
 */
export function isOurClass(
  runtimeClass: string,
  ours: readonly string[],
  nodeHandlers: readonly string[],
): boolean {
  return ours.includes(runtimeClass) || !nodeHandlers.includes(runtimeClass);
}
