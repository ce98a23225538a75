import { expect, test } from 'vitest';
import { parseFile } from './read-files.ts';
import { loader } from './loader.ts';
import { location } from './location.ts';

const prefix = 'time="2026-11-27T18:55:21.571Z" level=info msg="Updating config from path: /f/crio.conf.d"\n';

// As crio 1.36.1 prints them.
test.each([
  [
    String.raw`time="2026-11-27T18:55:21.571Z" level=fatal msg="get and merge config from context: update config from path: walk path: unable to decode configuration /f/crio.conf.d/00001: toml: line 2 (last key \"crio.runtime.log_level\"): incompatible types: TOML value has type int64; destination has type string"`,
    'unable to decode configuration /f/crio.conf.d/00001: toml: line 2 (last key "crio.runtime.log_level"): incompatible types: TOML value has type int64; destination has type string',
  ],
  [
    String.raw`level=fatal msg="validating runtime config: default_runtime set to \"nope\", but no runtime entry table [crio.runtime.runtimes.nope] was found"`,
    'validating runtime config: default_runtime set to "nope", but no runtime entry table [crio.runtime.runtimes.nope] was found',
  ],
  ['level=fatal msg="cannot create /var/lib/crio: read-only file system"', undefined],
  ['', undefined],
])('%j', (output, words) => {
  expect(loader.readRefusal(`${prefix}${output}\n`)).toBe(words);
});

test.each([
  ['crio version 1.36.1\n   GitCommit:      unknown\n', '1.36.1'],
  ['containerd github.com/containerd/containerd v2.2.1', undefined],
])('the version in %j', (output, version) => {
  expect(loader.readVersion(output)).toBe(version);
});

test('the candidate has all files as they will be, in their order, in a folder of their own', () => {
  const { files } = parseFile('/etc/crio/crio.conf.d/10-site', 'a = 1\n');

  expect(
    loader.makeCandidate(
      { location, files, problems: [] },
      [
        { path: '/etc/crio/crio.conf.d/99-kata-deploy', after: 'c = 1\n' },
        { path: '/etc/crio/crio.conf.d/05-other', after: 'b = 1\n' },
      ],
      '/f',
    ),
  ).toEqual({
    copies: [
      { path: '/f/main', of: '/etc/crio/crio.conf', text: '' },
      { path: '/f/drop-ins/00000', of: '/etc/crio/crio.conf.d/05-other', text: 'b = 1\n' },
      { path: '/f/drop-ins/00001', of: '/etc/crio/crio.conf.d/10-site', text: 'a = 1\n' },
      { path: '/f/drop-ins/00002', of: '/etc/crio/crio.conf.d/99-kata-deploy', text: 'c = 1\n' },
    ],
    arguments: ['--config', '/f/main', '--config-dir', '/f/drop-ins', 'config'],
  });
});
