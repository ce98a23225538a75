/** A file or link that the lab puts into a machine before it boots. */
export type MachineFile =
  | { readonly path: string; readonly content: string; readonly mode?: number }
  | { readonly path: string; readonly linkTo: string };
