/** Reads an object and patches it, unless a test of the caller fails. */
import { isDeepStrictEqual } from 'node:util';
import { exitCodes, KataError } from '@kata/core';
import type { Send } from './api-requests.ts';
import { jsonPatchType, type PatchOperation } from './json-patch.ts';

/** A value that the object must have, both when it is read and when it is changed. Absence cannot be tested. */
export interface PatchTest {
  /** A JSON pointer (RFC 6901), such as `/metadata/annotations/example.org~1epoch`. */
  readonly path: string;
  readonly value: unknown;
}

export interface ObjectPatch {
  readonly path: string;
  readonly tests: readonly PatchTest[];
  /** Computes the patch from the object; empty: nothing to change. */
  readonly operations: (object: unknown) => readonly PatchOperation[];
}

/**
 * Call it in `attempt`, which reads again after a concurrent change. Returns whether anything was changed.
 * @throws KataError `KATA_KUBE_PRECONDITION`, without a retry, when one of the tests fails.
 */
export async function patchObject(send: Send, { path, tests, operations }: ObjectPatch): Promise<boolean> {
  const object = await send({ method: 'GET', path });
  for (const test of tests) {
    if (!isDeepStrictEqual(valueAt(object, test.path), test.value)) throw testFailed(path, test, object);
  }
  const changes = operations(object);
  if (changes.length === 0) return false;
  const body = [...tests.map((test) => ({ op: 'test', ...test })), ...changes];
  await send({ method: 'PATCH', path, body, contentType: jsonPatchType });
  return true;
}

function testFailed(object: string, { path, value }: PatchTest, found: unknown): KataError {
  const is = JSON.stringify(valueAt(found, path)) ?? 'absent';
  return new KataError(
    'KATA_KUBE_PRECONDITION',
    `cannot change ${object}: ${path} is ${is}, expected ${JSON.stringify(value)}`,
    { exitCode: exitCodes.conflict, details: { path } },
  );
}

function valueAt(object: unknown, pointer: string): unknown {
  const keys = pointer.split('/').slice(1);
  return keys
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((found, key) => (isContainer(found) ? found[key] : undefined), object);
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
