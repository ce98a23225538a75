/** Kata sandboxes that live on the node, by the traces that Kata's runtimes keep. */
import type { Host, HostPath } from '@kata/host';

/** Of the Go and of the Rust runtime. */
export const sandboxTraces: readonly HostPath[] = ['/run/vc/sbs', '/run/kata'];

export async function listSandboxes(host: Host): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const directory of sandboxTraces) {
    for (const name of await host.files.list(directory)) {
      const info = await host.files.info(`${directory}/${name}`);
      // Kata's runtimes keep sockets and files of their own beside the sandboxes.
      if (info?.kind === 'directory' && /^[0-9a-zA-Z][0-9a-zA-Z._-]{7,}$/.test(name)) found.add(name);
    }
  }
  return [...found].toSorted();
}
