/** Whether a pod belongs to this installation, by the name of its RuntimeClass, where the class cannot be read. Pure. */

/**
 * A RuntimeClass may have any name, so it counts unless it is named like a foreign handler, such as `nvidia`, `runc` or one
 * of another installation: counting too many sandboxes delays a removal, too few would lose one. `nodeHandlers`: all that
 * the engine lists.
 */
export function isOurClass(
  runtimeClass: string,
  ours: readonly string[],
  nodeHandlers: readonly string[],
): boolean {
  return ours.includes(runtimeClass) || !nodeHandlers.includes(runtimeClass);
}
