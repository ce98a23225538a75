import { describeError } from '@kata/core';
import { describe, expect, test } from 'vitest';
import { type Credentials, findCredentials } from './chart-credentials.ts';

const auth = Buffer.from('robot$kata:pass:word').toString('base64');
const robot = { username: 'robot$kata', password: 'pass:word' };

describe('credentials of a host', () => {
  test.each<[string, object, Credentials | undefined]>([
    ['by its name', { auths: { 'other:5000': {}, 'charts.example.org': { auth } } }, robot],
    ['by an old URL', { auths: { 'https://charts.example.org/v1/': { auth } } }, robot],
    [
      'in plain',
      { auths: { 'charts.example.org': { username: 'u', password: 'p' } } },
      { username: 'u', password: 'p' },
    ],
    ['none', { auths: { 'charts.example.org:5000': { auth } } }, undefined],
    ['none at all', { credsStore: 'x' }, undefined],
  ])('%s', (_, file, expected) => {
    expect(findCredentials(JSON.stringify(file), 'charts.example.org', '/c')).toEqual(expected);
  });

  test.each(['{"auths": secret', '{"auths": ["secret"]}', '"secret"'])(
    '%s is refused, and not quoted',
    (text) => {
      const failure = (() => {
        try {
          return findCredentials(text, 'host', '/c');
        } catch (error) {
          return error;
        }
      })();

      expect(failure).toMatchObject({ code: 'KATA_HELM_CREDENTIALS', exitCode: 3 });
      expect(describeError(failure).split('\n')).toEqual([
        '/c is not a valid credentials file',
        `  next: give a readable file in the form of Docker's config.json: {"auths": {"HOST": {"auth": "…"}}}`,
      ]);
    },
  );
});
