import type { JsonObject } from '@kata/json';
import { describe, expect, test } from 'vitest';
import { findPinnedImage, type ImageTerms, type PinnedImage } from './pinned-image.ts';

const repository = 'quay.io/kata-containers/kata-deploy';
const digest = `sha256:${'0'.repeat(64)}`;
const old = [`${repository}:3.24.0`];
const changed: Omit<ImageTerms, 'values'> = {
  version: '3.25.0',
  before: old,
  after: [`${repository}:3.25.0`],
  changesVersion: true,
};
const same = { ...changed, after: old };
const afterwards = { ...changed, before: changed.after, changesVersion: false };

const image = (values: JsonObject): JsonObject => ({ image: values });
const tagProblem = (tag: string): PinnedImage => ({
  problem: `image.tag is ${tag}, which is not version 3.25.0`,
  set: 'image.tag=',
});

describe('no pinned image', () => {
  test.each<[string, Omit<ImageTerms, 'values'>, JsonObject]>([
    ['no values', changed, {}],
    ['an empty tag', changed, image({ tag: '', reference: repository })],
    ['the tag of the target', changed, image({ tag: '3.25.0' })],
    ['the tag of the target with v', changed, image({ tag: 'v3.25.0' })],
    ['a tag of the target for one architecture', changed, image({ tag: '3.25.0-amd64' })],
    ['another tag, which is new', changed, image({ tag: 'next' })],
    ['a new digest as tag', changed, image({ tag: digest })],
    ['a new digest in the reference', changed, image({ reference: `${repository}@${digest}` })],
    ['a digest when only values change', { ...same, changesVersion: false }, image({ tag: digest })],
    ['a tag without version when the chart is deployed already', afterwards, image({ tag: 'prod' })],
    ['a chart without DaemonSet', { ...changed, before: [], after: [] }, {}],
    ['image is no object', changed, { image: 'x' }],
  ])('%s', (_, terms, values) => {
    expect(findPinnedImage({ ...terms, values })).toBeUndefined();
  });
});

describe('a pinned image', () => {
  test.each<[string, Omit<ImageTerms, 'values'>, JsonObject, PinnedImage]>([
    ['the old tag', same, image({ tag: '3.24.0' }), tagProblem('3.24.0')],
    ['a tag of yet another version', changed, image({ tag: '3.26.1' }), tagProblem('3.26.1')],
    ['a number as tag', same, image({ tag: 3 }), tagProblem('3')],
    ['a release candidate of the target', same, image({ tag: '3.25.0-rc1' }), tagProblem('3.25.0-rc1')],
    ['a longer version', changed, image({ tag: '3.25.01' }), tagProblem('3.25.01')],
    [
      'the old tag when the chart is deployed already',
      afterwards,
      image({ tag: '3.24.0' }),
      tagProblem('3.24.0'),
    ],
    ['a tag without version', same, image({ tag: 'latest' }), tagProblem('latest')],
    ['a digest as tag', same, image({ tag: digest }), tagProblem(digest)],
    [
      'a digest in the reference, in front of which the tag has no effect',
      same,
      image({ reference: `localhost:5000/kata-deploy:3.24.0@${digest}`, tag: '3.25.0' }),
      {
        problem: `image.reference pins the digest of the installed image (localhost:5000/kata-deploy:3.24.0@${digest})`,
        set: 'image.reference=localhost:5000/kata-deploy',
      },
    ],
    [
      'a value with another name',
      same,
      { installer: { image: old[0] ?? '' } },
      {
        problem: `the chart of version 3.25.0 would run the same image as now (${repository}:3.24.0)`,
        set: undefined,
      },
    ],
  ])('%s', (_, terms, values, expected) => {
    expect(findPinnedImage({ ...terms, values })).toEqual(expected);
  });
});
