/** The contract between the installer and an engine. A further engine is one more directory that passes `conformance/`. */
import type { Host, HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';

/** A handler of ours, or of an earlier installer, in the engine's files. */
export interface FoundHandler extends Handler {
  readonly file: HostPath;
  /** Otherwise the file also has foreign configuration. */
  readonly isDropIn: boolean;
}

/** A handler in a foreign file, which may only add a key to one of ours. */
export interface ForeignHandler {
  readonly name: string;
  readonly file: HostPath;
  /** Path of its shim; without one, the path at which installers create a link for its type. */
  readonly shimPath: HostPath;
  /** Whether it starts our shim or reads our configuration, so that its sandboxes need our files. */
  readonly usesOurFiles: boolean;
}

/** The current and the desired text of one file; undefined means absent. */
export interface FileEdit {
  readonly path: HostPath;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** The current text without our part, for the ownership record: the file may have been edited since our first edit. */
  readonly original: string | undefined;
}

/** A file that an earlier run created or edited, from the ownership record. */
export interface OwnedFile {
  readonly path: HostPath;
  /** `original` of the last edit; undefined when the file would not exist without us. */
  readonly original: string | undefined;
  /** SHA-256 of the text that we left. */
  readonly leftSha256: string;
}

/** User-provided configuration of the engine, which is read after ours. */
export interface UserDropIn {
  readonly text: string;
  /** Where it came from, for messages. */
  readonly source: string;
}

/** Where a node has its engine: found by `locate`, and assumed nowhere else. */
export interface EngineLocation {
  /** The systemd unit that is restarted after a change of the files. */
  readonly unit: string;
  /** Its CRI socket. */
  readonly socket: HostPath;
  /** Directory of its main file. */
  readonly configDirectory: HostPath;
}

export interface EngineContext {
  readonly location: EngineLocation;
  /** Where Kata is installed, such as `/opt/kata`. */
  readonly prefix: HostPath;
  /** Empty for the default installation. */
  readonly suffix: string;
  readonly owned: readonly OwnedFile[];
  /** The handlers of an earlier run, from the ownership record: unused ones are removed. */
  readonly known?: readonly Handler[] | undefined;
  /** Name of the engine's main file; default: the engine's own default. */
  readonly configFileName?: string | undefined;
  /** Whether the user set the name, even to the default: it counts where the engine's unit does not tell. */
  readonly isConfigFileGiven?: boolean | undefined;
  /** Whether the engine logs at its debug level; a foreign level that includes it stays. */
  readonly debug?: boolean | undefined;
  readonly userDropIn?: UserDropIn | undefined;
}

/** `problem`: not supported; `warning`: not tested. */
export interface VersionSupport {
  readonly state: 'ok' | 'warning' | 'problem';
  /** Completes a sentence that starts with the version. */
  readonly summary: string;
  /** Absent where the version alone is the reason. */
  readonly why?: string;
  /** What to do; absent when it is ok. */
  readonly next?: string;
}

/** Files of a configuration that is not active yet, written where no engine reads them. */
export interface Candidate {
  readonly copies: readonly { readonly path: HostPath; readonly of: HostPath; readonly text: string }[];
  /** Arguments with which the program loads them and exits. */
  readonly arguments: readonly string[];
}

/** How to query the program that the next start of the engine runs; see `queryLoader`. */
export interface EngineLoader<Facts> {
  /** Arguments with which the program prints its version and exits. */
  readonly versionArguments: readonly string[];
  /** Pure. Undefined where the output is not from that program. */
  readVersion(output: string): string | undefined;
  /** Pure. Undefined: the engine reads no file, so there is nothing to query. */
  makeCandidate(
    facts: Facts,
    edits: readonly Pick<FileEdit, 'path' | 'after'>[],
    folder: HostPath,
  ): Candidate | undefined;
  /** Pure. The program's own message; undefined where it failed for another reason than its files. */
  readRefusal(output: string): string | undefined;
}

/**
 * The laws, which `conformance/` checks for every engine:
 * a second plan after an applied one is empty; a plan for no handlers restores the bytes from before us; only our
 * configuration changes for the engine; the engine can load its files between any two edits of a plan.
 */
export interface Engine<Facts> {
  /** Its name for users, such as `containerd`. */
  readonly title: string;
  /** Read-only. */
  locate(host: Host): Promise<EngineLocation>;
  /** Read-only. `version` is the engine's own, such as `2.2.1`. */
  probe(host: Host, version: string, context: EngineContext): Promise<Facts>;
  /**
   * Pure. The edits after which the engine serves exactly these of our handlers; without any, everything is restored.
   * The engine can load its configuration before, between and after the edits when they are applied in this order.
   * @throws KataError `KATA_ENGINE_…` when the desired configuration would do harm; never without handlers.
   */
  planEdits(facts: Facts, handlers: readonly Handler[], context: EngineContext): readonly FileEdit[];
  /**
   * Pure. One sentence for each fault after a start of the engine with our edits: it would not load its configuration,
   * foreign settings would change, or our handlers would not be exactly these. Empty: the engine can be restarted.
   */
  findFaults(
    before: Facts,
    after: Facts,
    handlers: readonly Handler[],
    context: EngineContext,
  ): readonly string[];
  /** Pure. The facts as they will be after these edits, so that a plan can be checked before its first change. */
  foresee(facts: Facts, edits: readonly Pick<FileEdit, 'path' | 'after'>[]): Facts;
  /**
   * Pure. Call it with all edits of a plan before the first one is applied, and before a removal deletes anything: it
   * refuses edits after which the engine would not start, foreign settings would change or our handlers would not be
   * exactly these. `isLoaded`: the engine's own loader has accepted them, so our guesses about it refuse nothing.
   * @throws KataError `KATA_ENGINE_…`, with the file and what to do
   */
  refuseHarm(
    facts: Facts,
    edits: readonly Pick<FileEdit, 'path' | 'after'>[],
    handlers: readonly Handler[],
    context: EngineContext,
    isLoaded?: boolean,
  ): void;
  /** Undefined where the engine cannot be queried: our own reading of its files decides alone. */
  readonly loader: EngineLoader<Facts> | undefined;
  /** Pure. Foreign handlers, which are never removed. */
  findForeignHandlers(facts: Facts, context: EngineContext): readonly ForeignHandler[];
  /** Pure. Our handlers, by their place and keys. */
  findHandlers(facts: Facts, context: EngineContext): readonly FoundHandler[];
  /** Pure. The edits that remove exactly these of our handlers and change nothing else. */
  planDrops(facts: Facts, names: readonly string[], context: EngineContext): readonly FileEdit[];
  /** Pure. The paths of all files that the engine reads at its start: one that is newer than its start makes it stale. */
  configFiles(facts: Facts): readonly HostPath[];
  /** Pure. The texts of those files, and of others that may be read later. */
  configTexts(facts: Facts): ReadonlyMap<HostPath, string>;
  /** Pure. Missing files that the configuration names. */
  missingFiles(facts: Facts): readonly HostPath[];
  /** Pure. Whether this version runs a shim with `-info` once per path, and caches the answer. */
  keepsShimInfo(version: string): boolean;
  /** Pure. Whether this version is supported, with the options of these handlers. */
  checkVersion(version: string, handlers: readonly Handler[]): VersionSupport;
}
