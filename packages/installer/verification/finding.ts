/** One thing that is not as it was installed. */

export interface Finding {
  readonly area: 'release' | 'link' | 'engine' | 'handler' | 'run';
  /** `information`: a person may have meant it. */
  readonly state: 'problem' | 'information';
  /** The path in the release, the link, the engine's file or the handler. */
  readonly subject: string;
  /** Stable, such as `missing`, `content`, `not served`. */
  readonly problem: string;
  readonly found: string;
  readonly expected: string;
}
