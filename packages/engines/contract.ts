/** What the installer asks of every engine. A further engine is one more folder that passes `conformance/`. */
import type { Host, HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';

/** A handler of ours, or of an installer before us, as the engine's files have it. */
export interface FoundHandler extends Handler {
  readonly file: HostPath;
  /** Otherwise the file is also somebody else's. */
  readonly isDropIn: boolean;
}

/** A handler in a file of somebody else, who may only have added a key to one of ours. */
export interface ForeignHandler {
  readonly name: string;
  readonly file: HostPath;
  /** Of its shim; of one that names none, where installers link the name that its type leads to. */
  readonly shimPath: HostPath;
  /** Whether it starts our shim or reads our configuration: its sandboxes need our files. */
  readonly usesOurFiles: boolean;
}

/** One file as it is and as it shall be; undefined means absent. */
export interface FileEdit {
  readonly path: HostPath;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** The present text without our part, for the ownership record: others may have edited since our first edit. */
  readonly original: string | undefined;
}

/** A file that an earlier run created or edited, from the ownership record. */
export interface OwnedFile {
  readonly path: HostPath;
  /** `original` of the last edit; undefined when there would be no such file without us. */
  readonly original: string | undefined;
  /** SHA-256 of the text that we left. */
  readonly leftSha256: string;
}

/** Configuration of the person's own for the engine, which comes after ours. */
export interface UserDropIn {
  readonly text: string;
  /** Where it came from, for messages. */
  readonly source: string;
}

export interface EngineContext {
  /** Where Kata is installed, such as `/opt/kata`. */
  readonly prefix: HostPath;
  /** Empty for the only installation. */
  readonly suffix: string;
  readonly owned: readonly OwnedFile[];
  /** The handlers of an earlier run, from the ownership record: what is to be forgotten of them. */
  readonly known?: readonly Handler[] | undefined;
  /** Name of the engine's main file where a person chose another than the usual one. */
  readonly configFileName?: string | undefined;
  /** A person named it, be it the usual one: where the engine's own start does not say, that counts. */
  readonly isConfigFileGiven?: boolean | undefined;
  /** Whether the engine is to log at its level for debugging. */
  readonly debug?: boolean | undefined;
  readonly userDropIn?: UserDropIn | undefined;
}

/** `problem`: it cannot be set up; `warning`: it may work. */
export interface VersionSupport {
  readonly state: 'ok' | 'warning' | 'problem';
  /** Completes a sentence that begins with the version. */
  readonly summary: string;
  /** Left out where the version is all. */
  readonly why?: string;
  /** What to do; absent when it is ok. */
  readonly next?: string;
}

/** Files of a configuration that is not in force yet, laid down where no engine reads them. */
export interface Candidate {
  readonly copies: readonly { readonly path: HostPath; readonly of: HostPath; readonly text: string }[];
  /** What the program is started with, so that it loads them and ends. */
  readonly arguments: readonly string[];
}

/** How the program that the next start of the engine runs is asked what it makes of files; see `queryLoader`. */
export interface EngineLoader<Facts> {
  /** What the program is started with, so that it prints its version and ends. */
  readonly versionArguments: readonly string[];
  /** Pure. Undefined where this is no answer of that program. */
  readVersion(output: string): string | undefined;
  /** Pure. Undefined: it reads no file, so there is nothing to ask. */
  makeCandidate(
    facts: Facts,
    edits: readonly Pick<FileEdit, 'path' | 'after'>[],
    folder: HostPath,
  ): Candidate | undefined;
  /** Pure. In its own words; undefined where it ended for another reason than what it read. */
  readRefusal(output: string): string | undefined;
}

/**
 * The laws, which `conformance/` checks for every engine:
 * a plan of a plan that was applied is empty; a plan for no handlers gives back the very bytes that were there before us;
 * nothing but what is ours differs for the engine; the engine can load its files between any two edits of a plan.
 */
export interface Engine<Facts> {
  /** What a person calls it, such as `containerd`. */
  readonly title: string;
  /** Reads; changes nothing. `version` is the engine's own, such as `2.2.1`. */
  probe(host: Host, version: string, context: EngineContext): Promise<Facts>;
  /**
   * Pure. The edits that make the engine serve just these of our handlers; none left means: put everything back.
   * The engine can load its configuration before, between and after the edits when they are applied in this order.
   * @throws KataError `KATA_ENGINE_…` when what is wanted cannot be had without harm; never for no handlers.
   */
  planEdits(facts: Facts, handlers: readonly Handler[], context: EngineContext): readonly FileEdit[];
  /**
   * Pure. One sentence for each thing that would be wrong if the engine were started now, after our edits: it would not load
   * its configuration, settings of others would change, or our handlers would not be just these. None: it can be restarted.
   */
  findFaults(
    before: Facts,
    after: Facts,
    handlers: readonly Handler[],
    context: EngineContext,
  ): readonly string[];
  /** Pure. The facts as they will be when these edits are made, so that a plan can be judged before its first change. */
  foresee?(facts: Facts, edits: readonly Pick<FileEdit, 'path' | 'after'>[]): Facts;
  /**
   * Pure. To be called with all edits of a plan before the first is made, and before a removal deletes anything:
   * refuses edits after which the engine would not come back, others would lose something or our handlers would not be
   * just these. `isLoaded`: its own loader has accepted them, so nothing is refused for what only that knows for sure.
   * @throws KataError `KATA_ENGINE_…`, with the file and what to do
   */
  refuseHarm?(
    facts: Facts,
    edits: readonly Pick<FileEdit, 'path' | 'after'>[],
    handlers: readonly Handler[],
    context: EngineContext,
    isLoaded?: boolean,
  ): void;
  /** An engine without it cannot be asked: our own reading of its files decides alone. */
  readonly loader?: EngineLoader<Facts>;
  /** Pure. The handlers of others; none of them is ever removed. An engine without it knows of none. */
  findForeignHandlers?(facts: Facts, context: EngineContext): readonly ForeignHandler[];
  /** Pure. The handlers that are ours, by where they stand and how they are written. An engine without it has none but those of our record. */
  findHandlers?(facts: Facts, context: EngineContext): readonly FoundHandler[];
  /** Pure. The edits that take just these handlers of ours out and touch nothing else. */
  planDrops?(facts: Facts, names: readonly string[], context: EngineContext): readonly FileEdit[];
  /** Pure. The paths of all files that the engine reads at its start: one that is newer than its start makes it stale. */
  configFiles(facts: Facts): readonly HostPath[];
  /** Pure. The texts of those files, and of others that may come to be read. */
  configTexts(facts: Facts): ReadonlyMap<HostPath, string>;
  /** Pure. Files that the configuration names and that are not there. An engine without it names none. */
  missingFiles?(facts: Facts): readonly HostPath[];
  /** The unit of systemd that is restarted when the files have changed. */
  readonly unit: string;
  /** Where it answers kubelet. */
  readonly socket: HostPath;
  /** Where its main file usually is. */
  readonly configDirectory: HostPath;
  /** Pure. Whether it is known how this version is edited, and whether it can do what the handlers want. */
  checkVersion(version: string, handlers: readonly Handler[]): VersionSupport;
}
