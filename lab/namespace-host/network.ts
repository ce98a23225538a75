/** The network of a lab: one bridge, and a route to each node's pods. */
import { type LabPlace, type NodeSpec, network, nodeAddress, podRange } from '../lab.ts';
import { run } from '../run.ts';
import { inNamespaces } from './namespaces.ts';

export async function setUpNetwork(namespaceHostPid: number): Promise<void> {
  const { bridge, gateway, prefixLength } = network;
  // nspawn keeps sockets and locks by machine name in /run: each lab needs its own.
  await run(inNamespaces(namespaceHostPid, ['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run']));
  await run(inNamespaces(namespaceHostPid, ['ip', '-batch', '-']), {
    input: [
      'link set lo up',
      `link add ${bridge} type bridge`,
      `address add ${gateway}/${prefixLength} dev ${bridge}`,
      `link set ${bridge} up`,
    ].join('\n'),
  });
  await run(inNamespaces(namespaceHostPid, ['sysctl', '-qw', 'net.ipv4.ip_forward=1']));
}

export async function routePods(namespaceHostPid: number, node: NodeSpec): Promise<void> {
  await run(
    inNamespaces(namespaceHostPid, [
      'ip',
      'route',
      'replace',
      podRange(node.index),
      'via',
      nodeAddress(node.index),
    ]),
  );
}

/**
 * Forwards one loopback port of this machine to an address of the lab: one process listens here, then enters the
 * lab's network namespace.
 */
export function forwardCommand(namespaceHostPid: number, port: number, target: string): readonly string[] {
  return [
    // As systemd starts it; else a client that disconnects early ends the forwarding for all.
    'env',
    '--ignore-signal=PIPE',
    'systemd-socket-activate',
    `--listen=127.0.0.1:${port}`,
    'nsenter',
    '--target',
    String(namespaceHostPid),
    '--net',
    '--',
    '/lib/systemd/systemd-socket-proxyd',
    target,
  ];
}

export function forwardGroup(place: LabPlace): string {
  return `${place.group}/forward`;
}
