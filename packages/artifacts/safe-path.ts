/** Decides which paths and links of an archive are allowed in a release. Pure. */
import { posix } from 'node:path';

const installation = ['opt', 'kata'];

export type InstalledPath =
  | { readonly kind: 'inside'; readonly path: string }
  /** The root of the installation or a directory above it. */
  | { readonly kind: 'root' }
  /** Not below `opt/kata`; skipped, as upstream's installer does. */
  | { readonly kind: 'outside' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Path in the release of an archive member such as `./opt/kata/bin/x`. */
export function installedPath(member: string): InstalledPath {
  if (hasForeignCharacters(member)) return refused('its name has control characters or is not UTF-8');
  if (member.startsWith('/')) return refused('its path is absolute');
  const segments = member.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) return refused('its path contains ".."');
  if (segments.every((segment, i) => segment === installation[i])) return { kind: 'root' };
  if (!installation.every((segment, i) => segment === segments[i])) return { kind: 'outside' };
  const path = segments.slice(installation.length).join('/');
  return isReserved(path)
    ? refused('the path is reserved for the manifest of the release')
    : { kind: 'inside', path };
}

function refused(reason: string): InstalledPath {
  return { kind: 'refused', reason };
}

/** Whether a path in a manifest is one that `installedPath` returns. */
export function isReleasePath(path: string): boolean {
  const found = installedPath(`${installation.join('/')}/${path}`);
  return found.kind === 'inside' && found.path === path;
}

/** Target of a link as installed: absolute ones into `/opt/kata` become relative; undefined when refused. */
export function installedLinkTarget(path: string, target: string): string | undefined {
  if (!target.startsWith('/')) return isSafeLinkTarget(path, target) ? target : undefined;
  const found = installedPath(target.slice(1));
  if (found.kind !== 'inside' && found.kind !== 'root') return undefined;
  const wanted = found.kind === 'inside' ? found.path : '.';
  const relative = posix.relative(posix.dirname(path), wanted) || '.';
  return isSafeLinkTarget(path, relative) ? relative : undefined;
}

/**
 * Whether a relative link stays in the release. ".." is allowed only at the beginning: after a name, which may itself be a
 * link, it would refer to the parent of another directory.
 */
export function isSafeLinkTarget(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || hasForeignCharacters(target)) return false;
  const segments = target.split('/').filter((segment) => segment !== '' && segment !== '.');
  const climbs = segments.findIndex((segment) => segment !== '..');
  const leading = climbs < 0 ? segments.length : climbs;
  const depth = path.split('/').length - 1;
  return leading <= depth && !segments.slice(leading).includes('..');
}

/** Parent directories, from the outermost inwards. */
export function parentsOf(path: string): readonly string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, i) => segments.slice(0, i + 1).join('/'));
}

function isReserved(path: string): boolean {
  return path === 'manifest.json' || path.startsWith('manifest.json/');
}

function hasForeignCharacters(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return /[\u0000-\u001f\u007f\ufffd]/.test(text);
}
