export { compress } from './compress.ts';
export * from './image-layout.ts';
export * from './layer.ts';
