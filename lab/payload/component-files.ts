/** The files of the components of the lab's payloads: upstream's names and sizes, with content that cannot run. */
import { type Shim, shims, shippedConfiguration } from '@kata/kata';

export type ComponentFile =
  | {
      readonly kind: 'filler';
      readonly path: string;
      readonly size: number;
      readonly mode: number;
      /** See `fileContent`. */
      readonly randomShare: number;
      /** Determines the bytes: the same seed gives the same bytes in every version. */
      readonly seed: string;
    }
  | { readonly kind: 'text'; readonly path: string; readonly text: string }
  | { readonly kind: 'shim'; readonly path: string }
  | { readonly kind: 'configuration'; readonly path: string; readonly shim: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** What differs between the payloads; all other files are equal. */
const versions = {
  '3.24.0': { kernel: '6.18.32-201', virtiofsd: '1.13.3' },
  '3.25.0': { kernel: '6.18.35-202', virtiofsd: '1.14.0' },
} as const;

export type PayloadVersion = keyof typeof versions;

export const payloadVersions = Object.keys(versions) as PayloadVersion[];

/** `small`: filler files have a thousandth of their size, so that an installation takes a second. */
const sizes = { usual: 1, small: 0.001 } as const;

export type PayloadSize = keyof typeof sizes;

export const payloadSizes = Object.keys(sizes) as PayloadSize[];

const megabyte = 2 ** 20;
const guestFiles = 'share/kata-containers';

type Components = Readonly<Record<string, readonly ComponentFile[]>>;

export function componentFiles(version: PayloadVersion, size: PayloadSize = 'usual'): Components {
  const scaled = (file: ComponentFile): ComponentFile =>
    file.kind === 'filler' ? { ...file, size: Math.ceil(file.size * sizes[size]) } : file;
  return Object.fromEntries(
    Object.entries(usualFiles(version)).map(([component, files]) => [component, files.map(scaled)]),
  );
}

function usualFiles(version: PayloadVersion): Components {
  const { kernel, virtiofsd } = versions[version];
  const components: Components = {
    ...shimComponents(version),
    qemu: [filler('bin/qemu-system-x86_64', 40), ...qemuFirmware()],
    virtiofsd: [filler('libexec/virtiofsd', 7, { mode: 0o744, seed: virtiofsd })],
    nydus: [filler('libexec/nydusd', 24, { mode: 0o744 })],
    kernel: kernelFiles(kernel, ''),
    'kernel-debug': kernelFiles('6.18.32-201', '-debug'),
    'kernel-dragonball-experimental': kernelFiles('6.18.32-201', '-dragonball-experimental'),
    'rootfs-image': guestImage('kata-ubuntu-resolute.image', 'kata-containers.img', 160, 0.4),
    'rootfs-initrd': guestImage('kata-alpine-3.22.initrd', 'kata-containers-initrd.img', 32, 1),
    'cloud-hypervisor': [filler('bin/cloud-hypervisor', 8, { mode: 0o744 })],
    firecracker: [filler('bin/firecracker', 3, { mode: 0o744 }), filler('bin/jailer', 2, { mode: 0o744 })],
  };
  return { ...components, ...withConfigurations(components) };
}

function shimComponents(version: PayloadVersion): Components {
  const about: readonly ComponentFile[] = [
    { kind: 'text', path: 'VERSION', text: `${version}\n` },
    { kind: 'text', path: 'versions.yaml', text: 'description: a payload of the lab; nothing in it runs\n' },
  ];
  return {
    'shim-v2-go': [
      ...about,
      { kind: 'shim', path: 'bin/containerd-shim-kata-v2' },
      filler('bin/kata-monitor', 24),
      filler('bin/kata-runtime', 36),
      {
        kind: 'text',
        path: 'share/bash-completion/completions/kata-runtime',
        text: '# nothing to complete\n',
      },
    ],
    'shim-v2-rust': [...about, { kind: 'shim', path: 'runtime-rs/bin/containerd-shim-kata-v2' }],
  };
}

/** Adds the configuration of each shim whose components are complete to the component of its binary. */
function withConfigurations(components: Components): Components {
  const complete = [...shims.values()].filter((shim) => {
    const needed = shim.components.x86_64;
    return needed?.every((name) => components[name] !== undefined) === true;
  });
  const configurationsOf = (language: Shim['language']): readonly ComponentFile[] =>
    complete
      .filter((shim) => shim.language === language)
      .map((shim) => ({ kind: 'configuration', path: shippedConfiguration(shim), shim: shim.name }));
  return {
    'shim-v2-go': [...(components['shim-v2-go'] ?? []), ...configurationsOf('go')],
    'shim-v2-rust': [...(components['shim-v2-rust'] ?? []), ...configurationsOf('rust')],
  };
}

function kernelFiles(version: string, suffix: string): readonly ComponentFile[] {
  const name = `${version}${suffix}`;
  const data = { mode: 0o644 };
  return [
    filler(`${guestFiles}/System.map-${name}`, 4, { ...data, randomShare: 0.3 }),
    filler(`${guestFiles}/config-${name}`, 0.1, { ...data, randomShare: 0.2 }),
    filler(`${guestFiles}/vmlinux-${name}`, 44, data),
    filler(`${guestFiles}/vmlinuz-${name}`, 9, { ...data, randomShare: 1 }),
    { kind: 'link', path: `${guestFiles}/vmlinux${suffix}.container`, target: `vmlinux-${name}` },
    { kind: 'link', path: `${guestFiles}/vmlinuz${suffix}.container`, target: `vmlinuz-${name}` },
  ];
}

function guestImage(
  file: string,
  link: string,
  megabytes: number,
  randomShare: number,
): readonly ComponentFile[] {
  return [
    filler(`${guestFiles}/${file}`, megabytes, { mode: 0o644, randomShare }),
    { kind: 'link', path: `${guestFiles}/${link}`, target: file },
  ];
}

function qemuFirmware(): readonly ComponentFile[] {
  const folder = 'share/kata-qemu/qemu';
  const roms = ['bios-256k', 'bios-microvm', 'kvmvapic', 'linuxboot', 'linuxboot_dma', 'multiboot', 'pvh'];
  const cards = ['e1000', 'e1000e', 'eepro100', 'ne2k_pci', 'pcnet', 'rtl8139', 'virtio', 'vmxnet3'];
  const screens = ['ati', 'bochs-display', 'cirrus', 'qxl', 'ramfb', 'stdvga', 'virtio', 'vmware'];
  const data = { mode: 0o644, randomShare: 0.6 };
  return [
    ...roms.map((rom) => filler(`${folder}/${rom}.bin`, 0.12, data)),
    ...cards.map((card) => filler(`${folder}/efi-${card}.rom`, 0.25, data)),
    ...cards.map((card) => filler(`${folder}/pxe-${card}.rom`, 0.2, data)),
    ...screens.map((screen) => filler(`${folder}/vgabios-${screen}.bin`, 0.04, data)),
    filler(`${folder}/edk2-x86_64-code.fd`, 3.5, data),
  ];
}

function filler(
  path: string,
  megabytes: number,
  given: { readonly mode?: number; readonly randomShare?: number; readonly seed?: string } = {},
): ComponentFile {
  const { mode = 0o755, randomShare = 0.5, seed = '' } = given;
  return {
    kind: 'filler',
    path,
    size: Math.round(megabytes * megabyte),
    mode,
    randomShare,
    seed: `${path} ${seed}`,
  };
}
