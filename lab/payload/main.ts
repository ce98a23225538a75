/** Runs under the lock of a build, as a process of its own. Arguments: version, the stand-in shim, the folder to make. */
import { rename, rm } from 'node:fs/promises';
import { payloadVersions } from './component-files.ts';
import { writeComponents } from './write-components.ts';

const [wanted, shim, directory] = process.argv.slice(2);
const version = payloadVersions.find((known) => known === wanted);
if (version === undefined || shim === undefined || directory === undefined) {
  throw new TypeError('main.ts needs a version, a shim and a folder');
}
const unfinished = `${directory}.unfinished`;
await rm(unfinished, { recursive: true, force: true });
await writeComponents({
  version,
  shim,
  directory: unfinished,
  say: (detail) => process.stderr.write(`${detail}\n`),
});
await rename(unfinished, directory);
