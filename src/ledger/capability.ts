// The name of what can be sold: one codec, for the ledger that writes it and for all who show it.
import { word } from "../base/index.js";

/** In lower case, so that `GPU.A100` and `gpu.a100` are one. */
export const capability = word(64);
