import { TomlDocument } from '@kata/toml';
import { describe, expect, test } from 'vitest';
import { ownFiles, type ReleasePlace } from './own-files.ts';
import { qemuWrapper } from './qemu-wrapper.ts';

const usual: ReleasePlace = { prefix: '/opt/kata', directory: '/opt/kata/releases/3.24.0-0a' };
const elsewhere: ReleasePlace = { prefix: '/srv/opt/kata', directory: '/srv/opt/kata/releases/3.24.0-0a' };

const shipped = TomlDocument.parse(`
[hypervisor.qemu]
path = "/opt/kata/bin/qemu-system-x86_64"
kernel = "/opt/kata/share/kata-containers/vmlinux.container"
image = "/opt/kata-other/image"
firmware = ""
machine_type = "q35"
default_vcpus = 1
valid_hypervisor_paths = ["/opt/kata/bin/qemu-system-x86_64", "/usr/bin/qemu"]
valid_entropy_sources = ["/dev/urandom"]
pflashes = ["/opt/kata/share/flash.img", "/var/flash.img"]
[[hypervisor.qemu.guest_extension_images]]
name = "gpu"
path = "/opt/kata/share/gpu.img"
verity_params = "root_hash=1"
[[hypervisor.qemu.guest_extension_images]]
name = "mine"
path = "/var/mine.img"
[agent.kata]
`).value;

describe('a drop-in names the files of the release', () => {
  test('and repeats whole arrays, because a drop-in replaces them', () => {
    const { directory } = usual;

    expect(ownFiles(shipped, 'qemu', usual)).toEqual({
      dropIn: {
        hypervisor: {
          qemu: {
            path: `${directory}/bin/qemu-system-x86_64`,
            kernel: `${directory}/share/kata-containers/vmlinux.container`,
            valid_hypervisor_paths: [
              `${directory}/bin/qemu-system-x86_64`,
              '/opt/kata/bin/qemu-system-x86_64',
              '/usr/bin/qemu',
            ],
            pflashes: [`${directory}/share/flash.img`, '/var/flash.img'],
            guest_extension_images: [
              { name: 'gpu', path: `${directory}/share/gpu.img`, verity_params: 'root_hash=1' },
              { name: 'mine', path: '/var/mine.img' },
            ],
          },
        },
      },
      wrapper: undefined,
    });
  });

  // kata-07-wrapper-for-pods, issue 12.19
  test('and starts a moved QEMU with its wrapper, which pods may name instead of the program', () => {
    const { dropIn, wrapper } = ownFiles(shipped, 'qemu', elsewhere);

    expect(wrapper?.path).toBe('bin/qemu-system-x86_64-installation-prefix');
    expect(dropIn?.['hypervisor']).toMatchObject({
      qemu: {
        path: `${elsewhere.directory}/bin/qemu-system-x86_64-installation-prefix`,
        valid_hypervisor_paths: [
          `${elsewhere.directory}/bin/qemu-system-x86_64-installation-prefix`,
          '/srv/opt/kata/bin/qemu-system-x86_64-installation-prefix',
          '/usr/bin/qemu',
        ],
      },
    });
  });

  test('and is not needed when nothing is below /opt/kata', () => {
    const remote = TomlDocument.parse('[hypervisor.remote]\nfirmware = ""\n').value;

    expect(ownFiles(remote, 'remote', elsewhere)).toEqual({ dropIn: undefined, wrapper: undefined });
  });

  test.each(['', 'valid_hypervisor_paths = []\n', 'valid_hypervisor_paths = ["/usr/bin/qemu"]\n'])(
    'and allows pods nothing more than the shipped configuration: "%s"',
    (list) => {
      const strict = TomlDocument.parse(
        `[hypervisor.qemu]\npath = "/opt/kata/bin/qemu-system-s390x"\n${list}`,
      );

      expect(ownFiles(strict.value, 'qemu', elsewhere).dropIn).toEqual({
        hypervisor: {
          qemu: { path: `${elsewhere.directory}/bin/qemu-system-s390x-installation-prefix` },
        },
      });
    },
  );
});

test.each([
  ['qemu-system-x86_64', 'kata-qemu'],
  ['qemu-system-ppc64', 'kata-qemu'],
  ['qemu-system-x86_64-no-shared-fs', 'kata-qemu-no-shared-fs'],
  ['qemu-system-aarch64-snp-experimental', 'kata-qemu-snp-experimental'],
])('the data of %s is in share/%s', (program, data) => {
  expect(qemuWrapper(`/x/bin/${program}`, '/x')?.text).toMatch(
    new RegExp(`^exec '/x/bin/${program}' "\\$@" -L '/x/share/${data}/qemu/'$`, 'm'),
  );
});

test.each(['/x/bin/cloud-hypervisor', '/x/libexec/qemu-system-x86_64', '/usr/bin/qemu-system-x86_64'])(
  '%s gets no wrapper',
  (binary) => {
    expect(qemuWrapper(binary, '/x')).toBeUndefined();
  },
);

test('paths are quoted for the shell', () => {
  expect(qemuWrapper("/it's $HOME/bin/qemu-system-x86_64", "/it's $HOME")?.text).toContain(
    String.raw`exec '/it'\''s $HOME/bin/qemu-system-x86_64' "$@" -L '/it'\''s $HOME/share/kata-qemu/qemu/'`,
  );
});
