// A codec by schema: one description writes a value, and reads back only what it would have written.
import type { Bytes } from "../bytes.js";
import { InvariantError } from "../invariant.js";
import { err, ok, type Result } from "../result.js";
import { type DecodeError, DecodeFailure, Reader } from "./reader.js";
import { Writer } from "./writer.js";

/** The depth of what a codec reads is the depth of its description: input cannot nest deeper. */
export interface Codec<T> {
  write(writer: Writer, value: T): void;
  read(reader: Reader): T;
  readonly layout: Layout;
}

/** What a codec takes, as data: the tables of spec/encoding are held against it. */
export type Layout =
  | {
      readonly type: "uint" | "amount" | "bytes" | "text" | "word";
      readonly min: number;
      readonly max: number;
    }
  | { readonly type: "choice"; readonly words: readonly string[] }
  | {
      readonly type: "list";
      readonly item: Codec<unknown>;
      readonly min: number;
      readonly max: number;
    }
  | {
      readonly type: "struct";
      readonly fields: readonly {
        readonly key: number;
        readonly name: string;
        readonly codec: Codec<unknown>;
        readonly required: boolean;
      }[];
    }
  | {
      readonly type: "union";
      readonly variants: readonly {
        readonly tag: number;
        readonly kind: string;
        readonly codec: Codec<unknown>;
      }[];
    };

export type TypeOf<C> = C extends Codec<infer T> ? T : never;

/** The one encoding of `value`. @throws InvariantError if the value does not fit its description. */
export function encode<T>(codec: Codec<T>, value: T): Bytes {
  const writer = new Writer();
  codec.write(writer, value);
  return writer.finish();
}

/** Whether `value` has an encoding: asked of values that people and programs give, and no decoder has seen. */
export function fits<T>(codec: Codec<T>, value: T): boolean {
  try {
    codec.write(new Writer(), value);
    return true;
  } catch (failure) {
    if (failure instanceof InvariantError) return false;
    throw failure;
  }
}

/**
 * The value whose encoding is exactly `bytes`, or why there is none.
 * @param maxBytes refused as OVERSIZE above it, before anything is read
 */
export function decode<T>(codec: Codec<T>, bytes: Bytes, maxBytes: number): Result<T, DecodeError> {
  if (bytes.length > maxBytes) {
    return err({ code: "OVERSIZE", offset: 0, detail: `${bytes.length} bytes, at most ${maxBytes}` });
  }
  const reader = new Reader(bytes);
  try {
    const value = codec.read(reader);
    if (!reader.atEnd) reader.fail("TRAILING", "bytes after the end of the value");
    return ok(value);
  } catch (failure) {
    if (failure instanceof DecodeFailure) {
      return err({ code: failure.code, offset: failure.offset, detail: failure.detail });
    }
    throw failure;
  }
}
