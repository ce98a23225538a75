export * from './document.ts';
export * from './value.ts';
