/** The files that settings generate into a payload, and its handlers. */
import type { GeneratedFiles } from '@kata/artifacts';
import {
  type DesiredConfiguration,
  describeHandlers,
  generateConfiguration,
  type Handler,
  handlerComponents,
  handlerName,
  neededTexts,
  snapshotterName,
  toHandler,
} from '@kata/kata';
import type { Settings } from '@kata/settings';

export interface WantedFiles {
  readonly generated: GeneratedFiles;
  /** Paths of files that only other settings generate. */
  readonly absent: readonly string[];
}

/** `texts`: those of `wantedTexts` that the payload has, by path in it; `release`: an id. */
export function wantedFiles(
  settings: Settings,
  texts: ReadonlyMap<string, string>,
): (release: string) => WantedFiles {
  const generate = generateConfiguration(desiredConfigurationOf(settings), texts);
  return (release) => {
    const { files, absent } = generate(release);
    const generated = new Map(
      [...files].map(([path, { text, isExecutable }]) => [
        path,
        { text, mode: isExecutable ? 0o755 : 0o644 },
      ]),
    );
    return { generated, absent };
  };
}

export function wantedComponents(settings: Settings): readonly string[] {
  return handlerComponents(desiredConfigurationOf(settings), settings.kataArchitecture);
}

/** Paths in the payload of the texts that must be read first. */
export function wantedTexts(settings: Settings): readonly string[] {
  return neededTexts(desiredConfigurationOf(settings));
}

export function wantedHandlers(settings: Settings): readonly Handler[] {
  const handlers = describeHandlers(desiredConfigurationOf(settings));
  const { untrustedShim } = settings.containerd;
  // containerd starts pods with the annotation for untrusted workloads by the handler of this name.
  const untrusted = handlers
    .filter(({ name }) => untrustedShim !== undefined && name === handlerName(untrustedShim, settings.suffix))
    .map((handler) => ({ ...handler, name: 'untrusted' }));
  return [...handlers, ...untrusted].map(({ snapshotter, ...handler }) =>
    toHandler({
      ...handler,
      snapshotter: snapshotter === undefined ? undefined : snapshotterName(snapshotter, settings.suffix),
    }),
  );
}

function desiredConfigurationOf(settings: Settings): DesiredConfiguration {
  return { ...settings, kubeletRoot: undefined };
}
