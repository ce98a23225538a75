/** Runs the same work on several nodes or pods at once; results are in the order of the items. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  return await Promise.all(items.map(work));
}
