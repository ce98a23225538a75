/** Finds values that pin the installer's image, so that another chart version would install the old payload. */
import { isObject, type JsonObject } from '@kata/json';

export interface ImageTerms {
  /** The target: of the chart, of the image, of the payload. */
  readonly version: string;
  /** The user's values after the upgrade. */
  readonly values: JsonObject;
  /** Images of the DaemonSets, before and after the upgrade; see `installerImages`. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly changesVersion: boolean;
}

export interface PinnedImage {
  /** What is wrong, as a clause. */
  readonly problem: string;
  /** What to set, as `name=value`; undefined when the value that pins the image is unknown. */
  readonly set: string | undefined;
}

/** `image.tag` and `image.reference` are the values of this chart and of upstream's. */
export function findPinnedImage(terms: ImageTerms): PinnedImage | undefined {
  const { values, version } = terms;
  const keepsImage =
    terms.changesVersion && terms.before.length > 0 && terms.before.join(' ') === terms.after.join(' ');
  const image = values['image'];
  const { reference, tag } = isObject(image) ? image : {};
  // The chart ignores the tag then.
  if (typeof reference === 'string' && reference.includes('@')) {
    const problem = `image.reference pins the digest of the installed image (${reference})`;
    return keepsImage ? { problem, set: `image.reference=${withoutDigest(reference)}` } : undefined;
  }
  const text = typeof tag === 'string' || typeof tag === 'number' ? String(tag) : '';
  if (text !== '' && (namesOtherVersion(text, version) || keepsImage)) {
    return { problem: `image.tag is ${text}, which is not version ${version}`, set: 'image.tag=' };
  }
  if (!keepsImage) return undefined;
  const problem = `the chart of version ${version} would run the same image as now (${terms.after.join(', ')})`;
  return { problem, set: undefined };
}

/** Mirrors append to a version, as in `3.25.0-amd64`; other tags and digests name none. */
function namesOtherVersion(tag: string, version: string): boolean {
  if (!/^v?\d+\.\d+\.\d+/.test(tag)) return false;
  const plain = tag.replace(/^v/, '');
  return plain !== version && !plain.startsWith(`${version}-`) && !plain.startsWith(`${version}_`);
}

/** The chart appends the tag, so that a tag in front of the digest goes, too; a colon before a slash is a port. */
function withoutDigest(reference: string): string {
  return reference.replace(/@.*$/, '').replace(/:[^/]*$/, '');
}
