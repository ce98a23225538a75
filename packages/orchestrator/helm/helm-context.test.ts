import { expect, test } from 'vitest';
import { releaseName } from './helm-context.ts';

test.each([
  ['kata-deploy', 'kube-system'],
  ['a.b', 'a'],
])('%s in %s', (name, namespace) => {
  expect(releaseName(name, namespace)).toEqual({ name, namespace });
});

test.each([
  ['--set', 'kata', '"--set" is not a valid name of a Helm release'],
  ['', 'kata', '"" is not a valid name of a Helm release'],
  ['Kata', 'kata', '"Kata" is not a valid name of a Helm release'],
  ['a'.repeat(54), 'kata', `"${'a'.repeat(54)}" is not a valid name of a Helm release`],
  ['kata', '-A', '"-A" is not a valid name of a namespace'],
])('%j in %j is refused', (name, namespace, message) => {
  expect(() => releaseName(name, namespace)).toThrow(expect.objectContaining({ message, exitCode: 2 }));
});
