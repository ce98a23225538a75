/** The seeds' monitoring command. */
import type { LabDriver } from './lab-driver.ts';

/** A line for each node: its name, its status, and the three columns; `-` where a column is empty. */
export async function monitor(lab: LabDriver): Promise<readonly string[]> {
  const text = await lab.kubectl([
    ...['get', 'nodes', '-L', 'katacontainers.io/kata-runtime'],
    ...['-L', 'katacontainers.io/kata-upgrade-status', '-L', 'katacontainers.io/kata-current-version'],
  ]);
  const [header = '', ...rows] = text.trimEnd().split('\n');
  const starts = [...header.matchAll(/\S+/g)].map(({ index }) => index);
  return rows.map((row) => {
    const cells = starts.map((start, index) => row.slice(start, starts[index + 1]).trim() || '-');
    const [name, status] = cells;
    return [name, status, ...cells.slice(-3)].join(' ');
  });
}

/** The version of the lab's payloads that its only node does not have. */
export async function otherVersion(lab: LabDriver): Promise<string> {
  const [node = ''] = await monitor(lab);
  return node.endsWith('3.25.0') ? '3.24.0' : '3.25.0';
}
