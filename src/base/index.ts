// Base: what any protocol in this house stands on, and no market would recognise.
export * from "./bytes.js";
export * from "./codec/codec.js";
export * from "./codec/compound.js";
export type { DecodeCode, DecodeError } from "./codec/reader.js";
export * from "./codec/scalar.js";
export * from "./heap.js";
export * from "./invariant.js";
export * from "./order.js";
export * from "./result.js";
