/** Runs Helm with the chart and the image that the lab has published. */
import type { LabDriver } from './lab-driver.ts';

export const namespace = 'kata';

interface ChartCall {
  /** Default: kata-deploy. */
  readonly release?: string;
  /** Default: 3.24.0. */
  readonly version?: string;
  readonly values?: object;
  readonly words?: readonly string[];
}

/** Returns Helm's output. @throws Error with Helm's output when it fails. */
export async function helm(
  lab: LabDriver,
  verb: 'install' | 'template' | 'upgrade',
  { release = 'kata-deploy', version = '3.24.0', values = {}, words = [] }: ChartCall = {},
): Promise<string> {
  const { registry } = JSON.parse(await lab.lab(['status', '--output', 'json'])) as { registry: string };
  return await lab.lab(
    [
      ...['helm', verb, release, `oci://${registry}/charts/kata-deploy`, '--plain-http'],
      ...['--version', version, '--namespace', namespace, '--values', '-'],
      ...(verb === 'install' ? ['--create-namespace'] : []),
      ...words,
    ],
    JSON.stringify({ image: { reference: 'registry.lab:5000/kata-deploy' }, ...values }),
  );
}
