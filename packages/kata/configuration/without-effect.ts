/** Settings of a handler that change nothing, because Kata's runtimes do not read them. */
import { describeHandlers, type DesiredConfiguration, type DesiredHandler } from './handlers.ts';

/**
 * Facts about Kata's runtime in Go (`src/runtime/pkg/katautils/config.go`): of `[hypervisor.remote]` it reads neither
 * `kernel_params` nor `enable_debug`, and `guest_extension_images` of QEMU only.
 */
export function settingsWithoutEffect(desired: DesiredConfiguration): readonly string[] {
  return describeHandlers(desired).flatMap((handler) => [
    ...proxyNotes(handler, desired),
    ...variantNotes(handler),
  ]);
}

function proxyNotes({ name, base }: DesiredHandler, { options }: DesiredConfiguration): readonly string[] {
  if (!isRemote(base)) return [];
  const { httpsProxy, noProxy } = options.get(base.name) ?? {};
  if (httpsProxy === undefined && noProxy === undefined) return [];
  return [
    `${name}: the proxy settings have no effect, because Kata passes no kernel parameters to a remote machine`,
  ];
}

function variantNotes({ name, base, variant }: DesiredHandler): readonly string[] {
  const found: string[] = [];
  if (variant !== 'plain' && isRemote(base)) {
    found.push(
      `${name}: guest debugging has no effect, because Kata passes no kernel parameters to a remote machine`,
    );
  }
  if (variant === 'devkit' && base.language === 'go' && !base.name.startsWith('qemu')) {
    found.push(
      `${name}: the debugging tools are missing, because Kata's Go runtime attaches guest extension images with QEMU only`,
    );
  }
  return found;
}

function isRemote(base: DesiredHandler['base']): boolean {
  return base.name === 'remote' && base.language === 'go';
}
