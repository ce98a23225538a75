/** Looks at an animated picture in a real browser, as an `img` of a page, which is how a README shows it. */
import { readFile } from 'node:fs/promises';
import { chromium, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** @throws Error when the picture does not move, or its last frame does not have what it should show. */
export async function checkPicture(file: string, shows: readonly RegExp[]): Promise<void> {
  await using browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const picture = await readFile(file);
  await page.setContent(`<img src="data:image/svg+xml;base64,${picture.toString('base64')}" width="1000">`);
  if (!(await moves(page))) throw new Error(`${file}: the picture does not move`);
  await page.goto(`file://${file}`);
  const last = await lastFrame(page);
  const missing = shows.filter((line) => !last.some((row) => line.test(row)));
  if (missing.length > 0)
    throw new Error(`${file}: its last frame lacks ${missing.join(', ')}:\n${last.join('\n')}`);
}

async function moves(page: Page): Promise<boolean> {
  const first = await pictureAfter(page, 500);
  for (let looks = 0; looks < 5; looks += 1) {
    if (!first.equals(await pictureAfter(page, 1300))) return true;
  }
  return false;
}

async function pictureAfter(page: Page, ms: number): Promise<Buffer> {
  await page.waitForTimeout(ms);
  return await page.screenshot();
}

/** The rows of text that are visible at the end of the animation. */
async function lastFrame(page: Page): Promise<readonly string[]> {
  return await page.evaluate<readonly string[]>(readLastFrame);
}

/** Runs in the browser. Frames are side by side, and the animation moves them through the window; rows are symbols. */
const readLastFrame = `(() => {
  for (const animation of document.getAnimations()) {
    animation.pause();
    animation.currentTime = Number(animation.effect.getTiming().duration) - 1;
  }
  const window = document.documentElement.getBoundingClientRect();
  const isVisible = (use) => {
    const { left, width } = use.getBoundingClientRect();
    return width > 0 && left >= window.left && left < window.right / 2;
  };
  const texts = [...document.querySelectorAll('use')].filter(isVisible).map((use) => {
    const symbol = document.getElementById(use.href.baseVal.slice(1));
    return [...symbol.querySelectorAll('text')].map(({ textContent }) => textContent).join(' ');
  });
  return texts.filter((text) => text !== '');
})()`;
