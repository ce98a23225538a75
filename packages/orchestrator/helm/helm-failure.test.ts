import { describeError } from '@kata/core';
import { expect, test } from 'vitest';
import { helmFailure } from './helm-failure.ts';

/** What Helm 3.22 wrote, with shortened names. */
test.each([
  ['RELEASE_ABSENT', 3, 'Error: release: not found'],
  ['RELEASE_ABSENT', 3, 'Error: UPGRADE FAILED: "x" has no deployed releases'],
  ['BUSY', 4, 'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress'],
  [
    'BUSY',
    4,
    'Error: UPGRADE FAILED: create: failed to create: secrets "sh.helm.release.v1.x.v2" already exists',
  ],
  [
    'FORBIDDEN',
    3,
    'Error: query: failed to query with labels: secrets is forbidden: User "u" cannot list resource "secrets"',
  ],
  [
    'CREDENTIALS',
    3,
    'Error: Kubernetes cluster unreachable: the server has asked for the client to provide credentials',
  ],
  [
    'CREDENTIALS',
    3,
    'Error: failed to perform "FetchReference" on source: GET "https://r/v2/x/manifests/1": basic credential not found',
  ],
  [
    'CREDENTIALS',
    3,
    'Error: failed to perform "FetchReference" on source: GET "https://r/v2/x/manifests/1": response status code 401: Unauthorized: unauthorized: authentication required',
  ],
  [
    'CREDENTIALS',
    3,
    'Error: looks like "https://r" is not a valid chart repository or cannot be reached: failed to fetch https://r/index.yaml : 401 Unauthorized',
  ],
  [
    'TLS',
    3,
    'Error: Kubernetes cluster unreachable: Get "https://k/version": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  ['TLS', 3, 'Error: Head "https://r/v2/x/manifests/1": http: server gave HTTP response to HTTPS client'],
  [
    'UNREACHABLE',
    75,
    'Error: Kubernetes cluster unreachable: Get "http://k/version": dial tcp 127.0.0.1:1: connect: connection refused',
  ],
  ['UNREACHABLE', 75, 'Error: UPGRADE FAILED: Get "https://k/api/v1/namespaces": EOF'],
  [
    'CHART_ABSENT',
    3,
    'Error: chart "none" matching 1.0.0 not found in source index. (try \'helm repo update\'): no chart name found',
  ],
  ['CHART_ABSENT', 3, 'Error: failed to perform "FetchReference" on source: r/charts/none:1.0.0: not found'],
  ['FAILED', 3, 'Error: UPGRADE FAILED: cannot patch "x" with kind DaemonSet: field is immutable'],
])('%s, exit code %i: %s', (code, exitCode, stderr) => {
  expect(helmFailure('do it', stderr, 'failed')).toMatchObject({ code: `KATA_HELM_${code}`, exitCode });
});

test('long output is cut, and begins at the error', () => {
  const warnings = 'W1127 14:00:00.000000 1 warnings.go:70] deprecated\nWARNING: old\nlevel=WARN msg=x\n';
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`);

  expect(describeError(helmFailure('do it', `${warnings}before\nError: ${lines.join('\n')}`, 'failed')))
    .toBe(`cannot do it
  because: helm failed: ${lines.slice(0, 12).join('\n')}
  next: fix the cause that Helm reports, then run this again`);
  expect(String((helmFailure('do it', 'x'.repeat(5000), 'failed').cause as Error).message)).toHaveLength(
    2015,
  );
  expect((helmFailure('do it', '', 'was ended by SIGKILL').cause as Error).message).toBe(
    'helm was ended by SIGKILL',
  );
});
