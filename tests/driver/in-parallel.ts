/** Does the same on several nodes or pods at once; results come in their order. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  return await Promise.all(items.map(work));
}
