/** Decides which paths of an archive may come into a release, and which links may stand there. Pure. */
import { posix } from 'node:path';

const installation = ['opt', 'kata'];

export type InstalledPath =
  | { readonly kind: 'inside'; readonly path: string }
  /** The installation's root or a folder above it. */
  | { readonly kind: 'root' }
  /** Not below `opt/kata`; skipped, as upstream's installer does. */
  | { readonly kind: 'outside' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Where a member of an archive, such as `./opt/kata/bin/x`, goes in a release. */
export function installedPath(member: string): InstalledPath {
  if (hasForeignCharacters(member)) return refused('its name has control characters or is not UTF-8');
  if (member.startsWith('/')) return refused('its path is absolute');
  const segments = member.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) return refused('its path has ".."');
  if (segments.every((segment, i) => segment === installation[i])) return { kind: 'root' };
  if (!installation.every((segment, i) => segment === segments[i])) return { kind: 'outside' };
  const path = segments.slice(installation.length).join('/');
  return isReserved(path) ? refused('a release keeps its own manifest there') : { kind: 'inside', path };
}

function refused(reason: string): InstalledPath {
  return { kind: 'refused', reason };
}

/** Whether a path of a manifest is in the form that `installedPath` returns. */
export function isReleasePath(path: string): boolean {
  const found = installedPath(`${installation.join('/')}/${path}`);
  return found.kind === 'inside' && found.path === path;
}

/** The text of a link as it is installed: absolute ones into `/opt/kata` become relative; undefined when it is refused. */
export function installedLinkTarget(path: string, target: string): string | undefined {
  if (!target.startsWith('/')) return isSafeLinkTarget(path, target) ? target : undefined;
  const found = installedPath(target.slice(1));
  if (found.kind !== 'inside' && found.kind !== 'root') return undefined;
  const wanted = found.kind === 'inside' ? found.path : '.';
  const relative = posix.relative(posix.dirname(path), wanted) || '.';
  return isSafeLinkTarget(path, relative) ? relative : undefined;
}

/**
 * Whether a relative link stays in the release wherever it is followed. ".." may only lead the text: after a name,
 * which may itself be a link, it would climb from somewhere else.
 */
export function isSafeLinkTarget(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || hasForeignCharacters(target)) return false;
  const segments = target.split('/').filter((segment) => segment !== '' && segment !== '.');
  const climbs = segments.findIndex((segment) => segment !== '..');
  const leading = climbs < 0 ? segments.length : climbs;
  const depth = path.split('/').length - 1;
  return leading <= depth && !segments.slice(leading).includes('..');
}

/** Folders that hold the path, from the outermost inwards. */
export function parentsOf(path: string): readonly string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, i) => segments.slice(0, i + 1).join('/'));
}

function isReserved(path: string): boolean {
  return path === 'manifest.json' || path.startsWith('manifest.json/');
}

function hasForeignCharacters(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return /[\u0000-\u001f\u007f\ufffd]/.test(text);
}
