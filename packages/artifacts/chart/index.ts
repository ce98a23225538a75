export * from './pack-charts.ts';
