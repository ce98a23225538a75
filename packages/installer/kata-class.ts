/** Whether a pod is Kata's, by the name of its RuntimeClass, for those who cannot read the class itself. Pure. */

/**
 * A class may have any name, so one counts unless it is called like a handler of somebody else, as `nvidia` or `runc`:
 * a sandbox too many delays a removal, one too few would be lost. `nodeHandlers` are all that the engine lists.
 */
export function isKataClass(
  runtimeClass: string,
  ours: readonly string[],
  nodeHandlers: readonly string[],
): boolean {
  if (runtimeClass.startsWith('kata') || ours.includes(runtimeClass)) return true;
  return !nodeHandlers.includes(runtimeClass);
}
