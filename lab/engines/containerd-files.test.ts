import { expect, test } from 'vitest';
import { containerdEngines, containerdNames, type EngineName } from './catalog.ts';
import { nodeEngine } from './node-engine.ts';

function contentOf(engine: EngineName, path: string): string {
  const file = nodeEngine(engine).files.find((other) => other.path === path);
  return file !== undefined && 'content' in file ? file.content : 'absent';
}

test.each(containerdNames)('%s: the main file has the schema of the catalog', (engine) => {
  const [firstLine] = contentOf(engine, '/etc/containerd/config.toml').split('\n');

  expect(firstLine).toBe(`version = ${containerdEngines[engine].schema}`);
});

test.each(containerdNames)('%s: the main file imports conf.d if the catalog says so', (engine) => {
  const main = contentOf(engine, '/etc/containerd/config.toml');

  expect(main.includes('imports = ["/etc/containerd/conf.d/*.toml"]')).toBe(
    containerdEngines[engine].importsConfD,
  );
});

test.each(containerdNames)('%s: a unit is written unless it comes from the Debian package', (engine) => {
  const unit = contentOf(engine, '/etc/systemd/system/containerd.service');

  expect(unit === 'absent').toBe(containerdEngines[engine].tool === undefined);
});

test('containerd-2.4: main file', () => {
  expect(contentOf('containerd-2.4', '/etc/containerd/config.toml')).toMatchInlineSnapshot(`
    "version = 3
    imports = ["/etc/containerd/conf.d/*.toml"]

    [plugins.'io.containerd.cri.v1.images'.pinned_images]
      sandbox = 'registry.lab:5000/pause:1'

    [plugins.'io.containerd.cri.v1.images'.registry]
      config_path = '/etc/containerd/certs.d'

    [plugins.'io.containerd.cri.v1.runtime']
      restrict_oom_score_adj = true
    "
  `);
});

test('containerd-2.2: main file', () => {
  expect(contentOf('containerd-2.2', '/etc/containerd/config.toml')).toMatchInlineSnapshot(`
    "version = 3

    [plugins.'io.containerd.cri.v1.images'.pinned_images]
      sandbox = 'registry.lab:5000/pause:1'

    [plugins.'io.containerd.cri.v1.images'.registry]
      config_path = '/etc/containerd/certs.d'

    [plugins.'io.containerd.cri.v1.runtime']
      restrict_oom_score_adj = true
    "
  `);
});

test('containerd-1.7: main file', () => {
  expect(contentOf('containerd-1.7', '/etc/containerd/config.toml')).toMatchInlineSnapshot(`
    "version = 2

    [plugins."io.containerd.grpc.v1.cri"]
      sandbox_image = "registry.lab:5000/pause:1"
      restrict_oom_score_adj = true

      [plugins."io.containerd.grpc.v1.cri".registry]
        config_path = "/etc/containerd/certs.d"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
        runtime_type = "io.containerd.runc.v2"
    "
  `);
});

test('containerd-1.6: the main file is that of 1.7', () => {
  const path = '/etc/containerd/config.toml';

  expect(contentOf('containerd-1.6', path)).toBe(contentOf('containerd-1.7', path));
});

test('the registry is used without TLS', () => {
  expect(contentOf('containerd-2.4', '/etc/containerd/certs.d/registry.lab:5000/hosts.toml'))
    .toMatchInlineSnapshot(`
    "server = "http://10.77.0.10:5000"

    [host."http://10.77.0.10:5000"]
      capabilities = ["pull", "resolve"]
    "
  `);
});

test('CRI-O: with the drop-in that keeps its pods alive, and without containerd', () => {
  expect(contentOf('crio-1.36', '/etc/systemd/system/crio.service')).not.toContain('KillMode');
  expect(contentOf('crio-1.36', '/etc/systemd/system/crio.service.d/kata.conf')).toContain(
    'KillMode=process',
  );
  expect(nodeEngine('crio-1.36').files).toContainEqual({
    path: '/etc/systemd/system/containerd.service',
    linkTo: '/dev/null',
  });
});
