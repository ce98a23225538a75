/** Runs as a separate process under the lock of a build. Arguments: version, size, the stand-in shim, the folder to create. */
import { rename, rm } from 'node:fs/promises';
import { payloadSizes, payloadVersions } from './component-files.ts';
import { writeComponents } from './write-components.ts';

const [wanted, wantedSize, shim, directory] = process.argv.slice(2);
const version = payloadVersions.find((known) => known === wanted);
const size = payloadSizes.find((known) => known === wantedSize);
if (version === undefined || size === undefined || shim === undefined || directory === undefined) {
  throw new TypeError('main.ts needs a version, a size, a shim and a folder');
}
const unfinished = `${directory}.unfinished`;
await rm(unfinished, { recursive: true, force: true });
await writeComponents({
  version,
  size,
  shim,
  directory: unfinished,
  say: (detail) => process.stderr.write(`${detail}\n`),
});
await rename(unfinished, directory);
