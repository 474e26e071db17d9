// A file of another, which may be anything: a device, a pipe, or more than memory holds.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Bytes } from "../../src/base/index.js";

/** @param most bytes that are read @throws as `openSync` does; Error where it is no file, or longer */
export function readBounded(path: string, most: number): Bytes {
  const file = openSync(path, "r");
  try {
    if (!fstatSync(file).isFile()) throw new Error("it is no file");
    const bytes = new Uint8Array(most + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length <= most; length += read)
      read = readSync(file, bytes, length, bytes.length - length, null);
    if (length > most) throw new Error(`it is longer than ${most} bytes`);
    return bytes.slice(0, length);
  } finally {
    closeSync(file);
  }
}
