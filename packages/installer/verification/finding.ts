/** One difference from what was installed. */

export interface Finding {
  readonly area: 'release' | 'link' | 'engine' | 'handler' | 'run';
  /** `information`: it may be intended by a user. */
  readonly state: 'problem' | 'information';
  /** The path in the release, the link, the engine's file or the handler. */
  readonly subject: string;
  /** Stable, such as `missing`, `content`, `not served`. */
  readonly problem: string;
  readonly found: string;
  readonly expected: string;
}
