/** The engine's configuration in addition to handlers, from the settings or from the record. Pure. */
import type { DesiredEngine } from '@kata/artifacts';
import type { EngineContext, EngineLocation } from '@kata/engines';
import type { Settings } from '@kata/settings';
import type { OwnershipRecord } from '../state/record.ts';

/** The engine's configuration in addition to handlers, and how the engine is detected. */
export type EngineSettings = Pick<Settings, 'prefix' | 'suffix'> &
  Partial<Pick<Settings, 'containerd' | 'containerRuntimeVersion' | 'debug' | 'distribution'>>;

export function engineContext(
  location: EngineLocation,
  settings: EngineSettings,
  record: OwnershipRecord,
): EngineContext {
  const { prefix, suffix, debug, containerd } = settings;
  return {
    location,
    prefix,
    suffix,
    owned: record.files.map(({ path, original, leftSha256 }) => ({
      path,
      original: original ?? undefined,
      leftSha256,
    })),
    known: record.handlers,
    configFileName: containerd?.configFileName,
    isConfigFileGiven: containerd?.isConfigFileGiven,
    debug,
    userDropIn: containerd?.userDropIn,
  };
}

/** The engine's configuration in addition to handlers, for the record. */
export function engineEntry({ containerd, debug }: Settings): NonNullable<OwnershipRecord['engine']> {
  const { configFileName, userDropIn } = containerd;
  return { configFileName, debug, ...(userDropIn === undefined ? {} : { userDropIn }) };
}

/** The settings as the record has them; only the engine is detected from today's settings. */
export function recordedSettings(settings: EngineSettings, { engine }: OwnershipRecord): EngineSettings {
  const { prefix, suffix, containerRuntimeVersion, distribution } = settings;
  const found = { prefix, suffix, containerRuntimeVersion, distribution };
  return engine === undefined ? found : tellingSettings(found, engine);
}

/** `told` undefined: the settings as they are. */
export function tellingSettings(settings: EngineSettings, told: DesiredEngine | undefined): EngineSettings {
  if (told === undefined) return settings;
  const { configFileName, debug, userDropIn } = told;
  const { isConfigFileGiven = false } = settings.containerd ?? {};
  const drops = userDropIn === undefined ? {} : { userDropIn };
  return { ...settings, debug, containerd: { configFileName, isConfigFileGiven, ...drops } };
}
