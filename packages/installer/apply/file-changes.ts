/** Changes single files and links, and rolls the changes back. Other programs edit the engine's files, too. */
import { posix } from 'node:path';
import { sha256 } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import { exchangeBack, exchangeForLink } from '../adoption/exchange.ts';
import { foreignDirectories } from '../engine/foreign-directories.ts';
import type { EngineFacts } from '../engine/engine-facts.ts';
import { isFileChanged, type MergeBack, restoreText, replaceText } from '../engine/engine-files.ts';
import type { Action, FileAction } from '../state/actions.ts';
import { missingDirectories } from '../state/create-and-remove.ts';
import type { RunningRecord } from '../state/running-record.ts';

type WriteAction = Extract<Action, { readonly kind: 'file.write' }>;
type LinkAction = Extract<Action, { readonly kind: 'link.set' | 'link.remove' }>;

export class FileChanges {
  readonly #host: Host;
  readonly #prefix: HostPath;
  readonly #engine: Pick<EngineFacts, 'others'>;
  readonly #record: RunningRecord;
  /** Directories that this run created for files. */
  readonly #made: HostPath[] = [];

  constructor(host: Host, prefix: HostPath, engine: Pick<EngineFacts, 'others'>, record: RunningRecord) {
    this.#host = host;
    this.#prefix = prefix;
    this.#engine = engine;
    this.#record = record;
  }

  /** Resolves with a summary for users. */
  async write(action: WriteAction): Promise<string> {
    const { files } = this.#host;
    const { path, mode } = action;
    const content = Buffer.from(action.after);
    if (action.area === 'engine') await this.#writeOfEngine(action);
    else {
      await this.#makeParent(path);
      await files.write(path, content, mode === undefined ? {} : { mode });
    }
    return `${content.length} bytes`;
  }

  async #writeOfEngine(action: WriteAction): Promise<void> {
    const { path, before, after, original = null } = action;
    const made = await this.#missingParents(path);
    const known = this.#record.now.files;
    // Saved before the edit, so that neither the original nor the digest of our text is lost.
    await this.#record.save({
      directories: [...new Set([...this.#record.now.directories, ...(await this.#ours(path, made))])],
      files: [
        ...known.filter((file) => file.path !== path),
        { path, original, leftSha256: sha256(after), ...this.#replaced(action) },
      ],
    });
    await this.#host.files.makeDirectory(posix.dirname(path) as HostPath);
    await replaceText(this.#host.files, path, before, after).catch(async (error: unknown) => {
      // The file was not edited, so the record must not list the edit.
      if (isFileChanged(error)) await this.#record.save({ files: known });
      throw error;
    });
  }

  async remove({ path, before, area }: Extract<Action, { readonly kind: 'file.remove' }>): Promise<void> {
    if (area === 'engine') await replaceText(this.#host.files, path, before, undefined);
    else await this.#host.files.remove(path);
    await this.#record.save({ files: this.#record.now.files.filter((file) => file.path !== path) });
  }

  async setLink({ path, target }: Extract<Action, { readonly kind: 'link.set' }>): Promise<void> {
    await this.#makeParent(path);
    await this.#host.files.setLink(path, target);
  }

  async exchange({ path, target }: Extract<Action, { readonly kind: 'link.exchange' }>): Promise<void> {
    await exchangeForLink(this.#host.files, path, target);
  }

  async exchangeBack(path: HostPath): Promise<void> {
    await exchangeBack(this.#host.files, path);
  }

  /** `mergeBack`: for a file that another program edited after us. */
  async restoreFile(action: FileAction, mergeBack: MergeBack): Promise<void> {
    const { files } = this.#host;
    if (action.area === 'engine') await restoreText(files, action, mergeBack);
    else if (action.before === undefined) await files.remove(action.path);
    else await files.write(action.path, Buffer.from(action.before));
  }

  async restoreLink({ path, before }: LinkAction): Promise<void> {
    if (before === undefined) await this.#host.files.remove(path);
    else await this.#host.files.setLink(path, before);
  }

  /** The last step of a rollback. */
  async removeMadeDirectories(): Promise<void> {
    for (const path of this.#made.toReversed()) await this.#host.files.removeDirectory(path);
  }

  /** Directories that the last installation removes; parents of the prefix belong to the installation that created them. */
  async #ours(path: HostPath, made: readonly HostPath[]): Promise<readonly HostPath[]> {
    const shared = await foreignDirectories(this.#host, this.#engine.others);
    return [...shared, ...made].filter(
      (each) => isBelow(path, each) && !isBelow(each, this.#prefix) && !isBelow(this.#prefix, each),
    );
  }

  /** Only when the replaced text was ours. */
  #replaced({ path, before }: WriteAction): { replacedSha256?: string } {
    const left = this.#record.now.files.find((file) => file.path === path)?.leftSha256;
    const isOurs = before !== undefined && left === sha256(before);
    return isOurs ? { replacedSha256: left } : {};
  }

  /** A rollback removes them. */
  async #missingParents(path: HostPath): Promise<readonly HostPath[]> {
    const made = await missingDirectories(this.#host, posix.dirname(path) as HostPath);
    this.#made.push(...made);
    return made;
  }

  async #makeParent(path: HostPath): Promise<void> {
    const made = await this.#missingParents(path);
    if (made.length > 0) await this.#host.files.makeDirectory(posix.dirname(path) as HostPath);
  }
}

function isBelow(path: HostPath, directory: HostPath): boolean {
  return path.startsWith(`${directory}/`);
}
