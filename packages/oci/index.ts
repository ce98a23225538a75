export * from './image-layout.ts';
export * from './layer.ts';
