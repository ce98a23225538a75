/** Records which RuntimeClasses use handlers of this installation. */
import type { Host, HostPath } from '@kata/host';
import { readRecord, writeRecord } from './record.ts';

/** `classes`: handlers of all RuntimeClasses, by the name of the class. Writes nothing when the record has them already. */
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
  // Deleted classes stay in the record: their pods may still be running.
  const next = { ...record.classes, ...Object.fromEntries(own) };
  if (JSON.stringify(next) === JSON.stringify(record.classes ?? {})) return;
  await writeRecord(host, prefix, { ...record, classes: next });
}
