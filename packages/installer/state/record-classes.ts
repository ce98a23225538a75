/** Keeps in the record which RuntimeClasses lead to this installation. */
import type { Host, HostPath } from '@kata/host';
import { readRecord, writeRecord } from './record.ts';

/** `classes`: handlers by the name of the class, of all classes. Writes nothing where the record has them already. */
export async function recordClasses(
  host: Host,
  prefix: HostPath,
  classes: Readonly<Record<string, string>>,
): Promise<void> {
  const record = await readRecord(host, prefix);
  if (record === undefined) return;
  const names = new Set(record.handlers.map(({ name }) => name));
  const own = Object.entries(classes)
    .filter(([, handler]) => names.has(handler))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  // Classes that are gone stay: their pods may not be.
  const next = { ...record.classes, ...Object.fromEntries(own) };
  if (JSON.stringify(next) === JSON.stringify(record.classes ?? {})) return;
  await writeRecord(host, prefix, { ...record, classes: next });
}
