import type { ReleaseProgress } from './events.ts';

/** What a run does with whole releases. Each resolves with a summary for users. */
export interface ReleaseWork {
  /** Unpacks the wanted release into the store. */
  write(release: string, onProgress: (progress: ReleaseProgress) => void): Promise<string>;
  /** Makes a release of the tree of another installer. */
  adopt(): Promise<string>;
  remove(release: string): Promise<string>;
}
