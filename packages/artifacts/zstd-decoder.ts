/** Decodes zstd in the calling thread and into one buffer, which Node's streams cannot. */
import { createZstdDecompress } from 'node:zlib';

/** Internal interface of Node's streams: no public one decodes a stream in the calling thread; see decision 0015. */
interface NodeDecoder {
  readonly _handle: {
    onerror: (message: string, errno: number, code: string) => void;
    writeSync(
      flush: number,
      input: Uint8Array,
      inputOffset: number,
      inputLength: number,
      output: Uint8Array,
      outputOffset: number,
      outputLength: number,
    ): void;
  };
  /** Unused bytes of output and input after the last call. */
  readonly _writeState: Readonly<Uint32Array>;
  close(): void;
}

const outputSize = 2 ** 18;
/** `ZSTD_e_continue` and `ZSTD_e_end` of libzstd. */
const more = 0;
const end = 2;

export class ZstdDecoder {
  readonly #decoder = createZstdDecompress() as unknown as NodeDecoder;
  readonly #output = Buffer.allocUnsafeSlow(outputSize);
  #failure: Error | undefined;
  #hasBegun = false;

  constructor() {
    this.#decoder._handle.onerror = (message, errno, code) => {
      this.#failure = Object.assign(new Error(message), { errno, code });
    };
  }

  /** Decodes the next bytes of the stream. Each piece is valid until the next one is requested. */
  *decode(input: Uint8Array): Generator<Uint8Array> {
    let offset = 0;
    for (;;) {
      const { room, left } = this.#call(more, input, offset);
      offset = input.length - left;
      const made = outputSize - room;
      if (made > 0) yield this.#output.subarray(0, made);
      // A call also ends with its frame; the rest of the input is for the next call.
      if (room > 0 && left === 0) return;
    }
  }

  /** @throws when the last frame is not complete. */
  finish(): void {
    if (this.#hasBegun) this.#call(end, new Uint8Array(), 0);
  }

  close(): void {
    this.#decoder.close();
  }

  #call(flush: number, input: Uint8Array, offset: number): { readonly room: number; readonly left: number } {
    const { _handle: handle, _writeState: state } = this.#decoder;
    handle.writeSync(flush, input, offset, input.length - offset, this.#output, 0, outputSize);
    if (this.#failure !== undefined) throw this.#failure;
    this.#hasBegun ||= input.length > 0;
    const [room = 0, left = 0] = state;
    return { room, left };
  }
}
