/** The recordings in docs/demos are those of the demos as they are now. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { demos } from './demos.ts';

const folder = join(import.meta.dirname, '../../docs/demos');
const page = readFileSync(join(folder, 'README.md'), 'utf8');

/** What the terminal showed, without colours. */
function shownIn(cast: string): string {
  const [, ...events] = cast.trimEnd().split('\n');
  const texts = events.map((line) => (JSON.parse(line) as readonly [number, 'o', string])[2]);
  return stripVTControlCharacters(texts.join('')).replaceAll('\r', '');
}

test.each(demos)('$name has all its commands in their order, and ends with what it should show', (demo) => {
  const cast = readFileSync(join(folder, `${demo.name}.cast`), 'utf8');
  const shown = shownIn(cast);
  const places = demo.commands.map(({ text }) => shown.indexOf(`$ ${text}\n`));

  expect(JSON.parse(cast.split('\n')[0] ?? '')).toMatchObject({
    version: 2,
    title: demo.title,
    width: demo.terminal.columns,
  });
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  for (const line of demo.shows) expect(shown.slice(places.at(-1))).toMatch(line);
});

test.each(demos)(
  '$name has a picture that moves without a script, shown on the page of the demos',
  ({ name }) => {
    const picture = readFileSync(join(folder, `${name}.svg`), 'utf8');

    expect(picture).toMatch(/^<svg /);
    expect(picture).toContain('@keyframes');
    expect(picture).not.toContain('<script');
    expect(page).toContain(`(${name}.svg)`);
  },
);
