import { expect, test } from 'vitest';
import { renderKubeconfig } from './kubeconfig.ts';

const options = { name: 'lab-default', server: 'https://127.0.0.1:6443', authority: 'CA', user: 'lab-admin' };

test('certificates are embedded, and the only context is current', () => {
  const text = renderKubeconfig({ ...options, credentials: { certificate: 'CERT', key: 'KEY' } });

  expect(text.endsWith('}\n')).toBe(true);
  expect(JSON.parse(text)).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab-default',
    clusters: [
      {
        name: 'lab-default',
        cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': 'Q0E=' },
      },
    ],
    users: [
      {
        name: 'lab-admin',
        user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' },
      },
    ],
    contexts: [{ name: 'lab-default', context: { cluster: 'lab-default', user: 'lab-admin' } }],
  });
});

test('the context names a namespace if there is one', () => {
  const text = renderKubeconfig({ ...options, namespace: 'argo', credentials: { token: 'a.b' } });

  expect(JSON.parse(text)).toMatchObject({ contexts: [{ context: { namespace: 'argo' } }] });
});

test('a token replaces certificates', () => {
  const text = renderKubeconfig({ ...options, credentials: { token: 'a.b' } });

  expect(JSON.parse(text)).toMatchObject({ users: [{ name: 'lab-admin', user: { token: 'a.b' } }] });
});
