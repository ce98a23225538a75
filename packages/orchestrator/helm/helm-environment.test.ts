import { expect, test } from 'vitest';
import { helmEnvironment } from './helm-environment.ts';

test('Helm gets the environment of the caller without settings of its own', () => {
  const caller = {
    PATH: '/bin',
    KUBECONFIG: '/k',
    HTTPS_PROXY: 'http://proxy',
    AWS_PROFILE: undefined,
    HELM_DRIVER: 'configmap',
    HELM_REGISTRY_CONFIG: '/r',
    ...{
      HELM_NAMESPACE: 'x',
      HELM_KUBECONTEXT: 'x',
      HELM_MAX_HISTORY: '1',
      HELM_PLUGINS: '/p',
      HELM_DEBUG: '1',
    },
  };

  expect(helmEnvironment(caller, '/s')).toEqual({
    ...{ PATH: '/bin', KUBECONFIG: '/k', HTTPS_PROXY: 'http://proxy' },
    ...{ HELM_DRIVER: 'configmap', HELM_REGISTRY_CONFIG: '/r' },
    HOME: '/s',
    HELM_CACHE_HOME: '/s/cache',
    HELM_DATA_HOME: '/s/data',
    HELM_PLUGINS: '/s/plugins',
    HELM_REPOSITORY_CACHE: '/s/cache/repository',
    HELM_REPOSITORY_CONFIG: '/s/repositories.yaml',
  });
  expect(helmEnvironment({ HOME: '/root' }, '/s')).toMatchObject({ HOME: '/root' });
});
