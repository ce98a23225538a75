/** JSON patches (RFC 6902) that apply only to the object that they were computed from. */

export const jsonPatchType = 'application/json-patch+json';

export type PatchOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** Null removes the key. */
export type Changes = Readonly<Record<string, string | null>>;

export interface MetadataChanges {
  readonly labels?: Changes;
  readonly annotations?: Changes;
}

export interface PatchableObject {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface NodeTaint {
  readonly key: string;
  readonly effect: string;
  readonly [field: string]: unknown;
}

export interface TaintPattern {
  readonly key: string;
  /** Undefined: every effect. */
  readonly effect: string | undefined;
}

/**
 * Empty without changes. Each field is tested before it is changed. Absence cannot be tested, so a patch that adds a
 * field tests the version of the whole object; `isWhole` does so in any case.
 */
export function metadataPatch(
  object: PatchableObject,
  changes: MetadataChanges,
  { isWhole = false }: { readonly isWhole?: boolean } = {},
): readonly PatchOperation[] {
  const operations = [
    ...fieldOperations('labels', object.labels, changes.labels ?? {}),
    ...fieldOperations('annotations', object.annotations, changes.annotations ?? {}),
  ];
  if (operations.length === 0) return [];
  const testsVersion = isWhole || operations.some(({ op }) => op === 'add');
  return [
    { op: 'test', path: '/metadata/uid', value: object.uid },
    ...(testsVersion
      ? [{ op: 'test', path: '/metadata/resourceVersion', value: object.resourceVersion } as const]
      : []),
    ...operations,
  ];
}

/** Empty when the node has none of these taints. The list is tested as a whole, because its entries have no keys. */
export function taintPatch(
  node: { readonly uid: string; readonly taints: readonly NodeTaint[] },
  patterns: readonly TaintPattern[],
): readonly PatchOperation[] {
  const left = node.taints.filter((taint) => !patterns.some((pattern) => matches(taint, pattern)));
  if (left.length === node.taints.length) return [];
  const path = '/spec/taints';
  return [
    { op: 'test', path: '/metadata/uid', value: node.uid },
    { op: 'test', path, value: node.taints },
    left.length === 0 ? { op: 'remove', path } : { op: 'replace', path, value: left },
  ];
}

function matches(taint: NodeTaint, { key, effect }: TaintPattern): boolean {
  return taint.key === key && (effect === undefined || taint.effect === effect);
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
