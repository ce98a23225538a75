/** Reads containerd's effective settings without our handlers. */
import { parse } from 'smol-toml';
import type { LabDriver } from './lab-driver.ts';

type Table = Readonly<Record<string, unknown>>;

/** Prints what containerd would load now. Without a file containerd 1.x has no dump and loads its default. */
export const dumpScript =
  'if [ -e /etc/containerd/config.toml ]; then containerd config dump; else containerd config default; fi';

/** What containerd would load now, without our handlers (those with a shim below /opt) and without imports. */
export async function readForeignSettings(lab: LabDriver, node: string): Promise<Table> {
  return foreignSettings(await lab.onNode(node, ['sh', '-c', dumpScript]));
}

/** The same from a dump. */
export function foreignSettings(text: string): Table {
  const { imports: _, ...dump } = parse(text);
  return withoutOurHandlers(dump) as Table;
}

function withoutOurHandlers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date)
    return value;
  const entries = Object.entries(value).filter(([, each]) => !isOurHandler(each));
  return Object.fromEntries(
    entries.map(([name, each]) => {
      if (name === 'options') return [name, withoutZeros(each)];
      // The default configuration of containerd 1.7 includes the default mode.
      if (name === 'sandbox_mode' && each === '') return [name, 'podsandbox'];
      return [name, withoutOurHandlers(each)];
    }),
  );
}

/** The default configuration of containerd 1.x includes all options of runc with their default values. */
function withoutZeros(options: unknown): unknown {
  const zeros: readonly unknown[] = ['', 0, false];
  return Object.fromEntries(Object.entries(options as Table).filter(([, value]) => !zeros.includes(value)));
}

function isOurHandler(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { runtime_path: path, runtime_type: type } = value as Table;
  return [path, type].some((text) => typeof text === 'string' && text.startsWith('/opt/'));
}
