// Crypto: hashes with a purpose, trees over them, and the ports through which signatures are judged and made.
export * from "./commitment.js";
export * from "./hash.js";
export * from "./merkle.js";
export * from "./opening.js";
export * from "./ports.js";
export * from "./small-order.js";
