import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { givenPaths } from './given-paths.ts';
import { formatValuePath, type ValuePath } from './value-path.ts';

describe('the names in a list of values', () => {
  test.each<[string, readonly ValuePath[]]>([
    ['', []],
    ['debug=true', [['debug']]],
    ['image.tag=', [['image', 'tag']]],
    ['image.tag=,debug=true', [['image', 'tag'], ['debug']]],
    ['a=1,b=2,', [['a'], ['b']]],
    ['a.b=x=y.z', [['a', 'b']]],
    [String.raw`a=1\,b=2,c=3`, [['a'], ['c']]],
    [String.raw`nodeSelector.example\.org/kata=true`, [['nodeSelector', 'example.org/kata']]],
    ['setup={nydus,erofs},debug=true', [['setup'], ['debug']]],
    ['setup={},debug=true', [['setup'], ['debug']]],
    [
      'tolerations[0].key=a,tolerations[0].effect=b',
      [
        ['tolerations', 0, 'key'],
        ['tolerations', 0, 'effect'],
      ],
    ],
    ['m[1][2]=x', [['m', 1, 2]]],
    ['a=null', [['a']]],
  ])('%s', (list, paths) => {
    expect(givenPaths(list)).toEqual(paths);
  });

  test.each([
    ['debug', 'helm-set-values: "debug" has no value'],
    ['a=1,debug', 'helm-set-values: "debug" has no value'],
    ['a,b=1', 'helm-set-values: "a" has no value'],
    ['=1', 'helm-set-values: "" has no value'],
    ['a[x]=1', 'helm-set-values: "x" is not a valid index of a list'],
    ['a[0=1', 'helm-set-values: "0=1" is not a valid index of a list'],
  ])('%s is refused', (list, message) => {
    expect(() => givenPaths(list)).toThrow(expect.objectContaining({ message, exitCode: 2 }));
  });

  test('every path that is written is read', () => {
    const name = fc.string({ minLength: 1, maxLength: 6 });
    const index = fc.nat({ max: 20 });
    const path = fc
      .tuple(name, fc.array(fc.oneof(name, index), { maxLength: 3 }))
      .map(([first, rest]): ValuePath => [first, ...rest]);

    fc.assert(
      fc.property(fc.array(path, { maxLength: 4 }), (paths) => {
        const list = paths.map((one) => `${formatValuePath(one)}=1`).join(',');

        expect(givenPaths(list)).toEqual(paths);
      }),
    );
  });
});
