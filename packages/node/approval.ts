/** Which releases a node may install: its approval annotation, and the accepted releases of its installation. */
import { approvedAnnotation } from '@kata/kata';

interface Annotated {
  readonly annotations: Readonly<Record<string, string>>;
}

/** A release id or a version; undefined when nothing is approved. */
export function approvedRelease({ annotations }: Annotated, suffix: string): string | undefined {
  return annotations[approvedAnnotation(suffix)]?.trim() || undefined;
}

/** Key in the managing ConfigMap: release ids that were verified, separated by white space. */
export const acceptedKey = 'accepted';

/** `data` of the managing ConfigMap. */
export function acceptedReleases(data: Readonly<Record<string, string>>): readonly string[] {
  return (data[acceptedKey] ?? '').split(/[\s,]+/).filter((id) => id !== '');
}
