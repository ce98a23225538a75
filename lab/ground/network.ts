/** The network on the ground: one bridge, and a route to each node's pods. */
import { type LabPlace, type NodeSpec, network, nodeAddress, podRange } from '../lab.ts';
import { run } from '../run.ts';
import { onGround } from './namespaces.ts';

export async function setUpNetwork(groundPid: number): Promise<void> {
  const { bridge, gateway, prefixLength } = network;
  // nspawn keeps sockets and locks by machine name under /run: labs must not see each other's.
  await run(onGround(groundPid, ['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run']));
  await run(onGround(groundPid, ['ip', '-batch', '-']), {
    input: [
      'link set lo up',
      `link add ${bridge} type bridge`,
      `address add ${gateway}/${prefixLength} dev ${bridge}`,
      `link set ${bridge} up`,
    ].join('\n'),
  });
  await run(onGround(groundPid, ['sysctl', '-qw', 'net.ipv4.ip_forward=1']));
}

export async function routePods(groundPid: number, node: NodeSpec): Promise<void> {
  await run(
    onGround(groundPid, ['ip', 'route', 'replace', podRange(node.index), 'via', nodeAddress(node.index)]),
  );
}

/**
 * Carries one loopback port of this machine to an address of the lab: one process that listens here and
 * then steps into the lab's network.
 */
export function forwardCommand(groundPid: number, port: number, target: string): readonly string[] {
  return [
    // As systemd runs it; else a client that goes away in the middle ends the forwarding for all.
    'env',
    '--ignore-signal=PIPE',
    'systemd-socket-activate',
    `--listen=127.0.0.1:${port}`,
    'nsenter',
    '--target',
    String(groundPid),
    '--net',
    '--',
    '/lib/systemd/systemd-socket-proxyd',
    target,
  ];
}

export function forwardGroup(place: LabPlace): string {
  return `${place.group}/forward`;
}
