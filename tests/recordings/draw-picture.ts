/** Draws a cast as an SVG picture that moves without a script. */
import { render, type SvgTermTheme } from 'svg-term';

/** In the picture; the cast keeps the real times. */
export const idleSeconds = 2;

const theme: SvgTermTheme = {
  0: [40, 45, 53],
  1: [232, 131, 136],
  2: [168, 204, 140],
  3: [219, 171, 121],
  4: [113, 190, 242],
  5: [210, 144, 228],
  6: [102, 194, 205],
  7: [185, 191, 202],
  8: [111, 119, 131],
  9: [232, 131, 136],
  10: [168, 204, 140],
  11: [219, 171, 121],
  12: [115, 190, 243],
  13: [210, 144, 227],
  14: [102, 194, 205],
  15: [255, 255, 255],
  background: [40, 45, 53],
  bold: [255, 255, 255],
  cursor: [111, 118, 131],
  text: [205, 210, 220],
  // A character is 0.6 of this wide; with more than 1 in all, the last column would be cut.
  fontSize: 1.66,
  lineHeight: 1.3,
  fontFamily: "Monaco, Consolas, Menlo, 'Bitstream Vera Sans Mono', monospace",
};

export function drawPicture(cast: string): string {
  return render(cast, { idle: idleSeconds * 1000, window: true, cursor: false, theme });
}
