import { expect, test } from 'vitest';
import { releasedMetadata } from './release-node.ts';

const own = 'kata-deploy.katacontainers.io/default';
const other = 'kata-deploy.katacontainers.io/blue';
const shared = 'katacontainers.io/kata-runtime';

test.each([
  ['no other', {}, { [shared]: null, [own]: null }, true],
  ['another that serves', { [other]: 'true' }, { [own]: null }, false],
  ['another that does not serve yet', { [other]: 'false' }, { [shared]: 'false', [own]: null }, false],
])('with %s installation on the node', (_, others, labels, isLast) => {
  expect(releasedMetadata('', [], { [own]: 'true', [shared]: 'true', ...others })).toEqual({
    metadata: { labels, annotations: { 'katacontainers.io/kata-deploy-status': null } },
    isLast,
  });
});
