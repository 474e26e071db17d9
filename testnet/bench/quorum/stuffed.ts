// Operations by size alone, each another: for those who never look into them.
import { randomBytes } from "node:crypto";
import type { Operations } from "./load.js";

/** A signed transfer's. */
const OPERATION_BYTES = 234;
const COUNT_BYTES = 4;

export function stuffedOperations(): Operations {
  const noise = randomBytes(OPERATION_BYTES);
  let count = 0;
  return {
    next() {
      const operation = new Uint8Array(noise);
      new DataView(operation.buffer).setUint32(OPERATION_BYTES - COUNT_BYTES, count++);
      return operation;
    },
  };
}
