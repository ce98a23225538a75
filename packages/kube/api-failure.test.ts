import { expect, test } from 'vitest';
import { failureOf, problemOf } from './api-failure.ts';

/** Recorded from kube-apiserver 1.36.3: two taints with one key and effect, and a JSON patch whose `test` fails. */
const invalid = String.raw`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Node \"n1\" is invalid: metadata.taints[1]: Duplicate value: {\"Key\":\"a\",\"Value\":\"2\",\"Effect\":\"NoSchedule\",\"TimeAdded\":null}: taints must be unique by key and effect pair","reason":"Invalid","details":{"name":"n1","kind":"Node","causes":[{"reason":"FieldValueDuplicate","message":"Duplicate value: {\"Key\":\"a\",\"Value\":\"2\",\"Effect\":\"NoSchedule\",\"TimeAdded\":null}: taints must be unique by key and effect pair","field":"metadata.taints[1]"}]},"code":422}`;
const failedTest =
  '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server rejected our request due to an error in our request","reason":"Invalid","details":{},"code":422}';

test.each([
  ['a test of a JSON patch failed', 'PATCH', failedTest, 'KATA_KUBE_CONFLICT'],
  ['nothing is said', 'PATCH', '', 'KATA_KUBE_CONFLICT'],
  ['the patched object is not valid', 'PATCH', invalid, 'KATA_KUBE_REFUSED'],
  ['a new object is not valid', 'POST', invalid, 'KATA_KUBE_REFUSED'],
])('HTTP 422: %s', (_, method, body, code) => {
  const failure = failureOf({ method }, { status: 422, headers: {}, text: body });

  expect(problemOf(failure)).toMatchObject({ code });
});
