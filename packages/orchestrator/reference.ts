/** What the generated reference pages have of kata-lifecycle. */
export { lifecycleEvents } from './events-reference.ts';
export { renderLifecycleReasons } from './reasons-reference.ts';
export { renderChartReference } from './chart/chart-reference.ts';
