/** JSON patches (RFC 6902) that change just the labels and annotations they name, and only on the object they were made for. */

export type PatchOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** Null removes. */
export type Changes = Readonly<Record<string, string | null>>;

export interface PatchableObject {
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Empty when there is nothing to change. Each field is tested before it is changed. */
export function metadataPatch(
  object: PatchableObject,
  changes: { readonly labels?: Changes; readonly annotations?: Changes },
): readonly PatchOperation[] {
  const operations = [
    ...fieldOperations('labels', object.labels, changes.labels ?? {}),
    ...fieldOperations('annotations', object.annotations, changes.annotations ?? {}),
  ];
  if (operations.length === 0) return [];
  return [{ op: 'test', path: '/metadata/uid', value: object.uid }, ...operations];
}

function fieldOperations(
  field: 'labels' | 'annotations',
  present: Readonly<Record<string, string>>,
  changes: Changes,
): readonly PatchOperation[] {
  const operations: PatchOperation[] = [];
  let isThere = Object.keys(present).length > 0;
  for (const [key, value] of Object.entries(changes)) {
    const path = `/metadata/${field}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const before = present[key];
    if (before === (value ?? undefined)) continue;
    if (before !== undefined) operations.push({ op: 'test', path, value: before });
    if (value === null) {
      operations.push({ op: 'remove', path });
      continue;
    }
    if (!isThere) operations.push({ op: 'add', path: `/metadata/${field}`, value: {} });
    isThere = true;
    operations.push({ op: before === undefined ? 'add' : 'replace', path, value });
  }
  return operations;
}
