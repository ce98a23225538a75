import { describe, expect, test } from 'vitest';
import { type ChartSource, describeChart, type NamedChart, parseChartSource } from './chart-source.ts';

const https = { chart: 'kata-deploy', repository: 'https://charts.example.org/kata' };

describe('the source of a chart', () => {
  test.each<[NamedChart, ChartSource, string]>([
    [
      { chart: 'oci://10.0.0.1:5000/charts/kata-deploy', isPlainHttp: true },
      { kind: 'registry', reference: 'oci://10.0.0.1:5000/charts/kata-deploy', isPlainHttp: true },
      'oci://10.0.0.1:5000/charts/kata-deploy',
    ],
    [
      { chart: 'oci://[fd00::1]:5000/kata-deploy', caFile: 'ca.pem', credentialsFile: '/c.json' },
      {
        kind: 'registry',
        reference: 'oci://[fd00::1]:5000/kata-deploy',
        caFile: '/here/ca.pem',
        credentialsFile: '/c.json',
      },
      'oci://[fd00::1]:5000/kata-deploy',
    ],
    [
      { chart: './charts/kata-deploy' },
      { kind: 'path', path: '/here/charts/kata-deploy' },
      '/here/charts/kata-deploy',
    ],
    [
      { chart: '/c/x.tgz', isInsecure: true },
      { kind: 'path', path: '/c/x.tgz', isInsecure: true },
      '/c/x.tgz',
    ],
    [
      { ...https, isInsecure: true },
      { kind: 'repository', url: https.repository, chart: 'kata-deploy', isInsecure: true },
      'kata-deploy of https://charts.example.org/kata',
    ],
  ])('%j', (named, source, words) => {
    expect(parseChartSource(named, '/here')).toEqual(source);
    expect(describeChart(source)).toBe(words);
  });

  test.each<[NamedChart, string]>([
    [{ chart: '' }, 'the source of the chart is empty'],
    [{ chart: 'oci://' }, '"oci://" is not a valid URL'],
    [{ chart: 'https://example.org/x.tgz' }, '"https://example.org/x.tgz" is not a valid source of a chart'],
    [{ chart: 'oci://u:secret@host/x' }, 'the URL of the chart (host) contains credentials'],
    [{ ...https, repository: 'https://u:secret@host/x' }, 'the URL of the chart (host) contains credentials'],
    [{ chart: 'http://u:secret@host/x' }, '"http://host/x" is not a valid source of a chart'],
    [{ ...https, repository: 'https://u:secret@' }, '"https://" is not a valid URL'],
    [{ ...https, repository: 'oci://host/x' }, '"oci://host/x" is not a valid URL of a chart repository'],
    [{ ...https, chart: '-x' }, '"-x" is not a valid name of a chart'],
    [{ ...https, chart: './x' }, '"./x" is not a valid name of a chart'],
    [{ ...https, isPlainHttp: true }, 'plain HTTP is a setting of registries'],
    [{ chart: 'oci://h/x', isPlainHttp: true, caFile: 'x' }, 'plain HTTP has no certificate to verify'],
    [{ chart: 'oci://h/x', isPlainHttp: true, isInsecure: true }, 'plain HTTP has no certificate to verify'],
  ])('%j is refused', (named, message) => {
    const refusal = expect.objectContaining({ code: 'KATA_HELM_CHART_SOURCE', message, exitCode: 2 });

    expect(() => parseChartSource(named, '/here')).toThrow(refusal);
  });
});
