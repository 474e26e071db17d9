// All targets of the fuzzer, by name.
import type { Target } from "../target.js";
import { DECODERS } from "./decoders.js";

export const TARGETS: readonly Target[] = [...DECODERS];
