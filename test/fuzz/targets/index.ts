// All targets of the fuzzer, by name.
import type { Target } from "../target.js";
import { DECODERS } from "./decoders.js";
import { GOSSIP } from "./gossip.js";
import { HANDOVER } from "./handover.js";
import { PEER } from "./peer.js";
import { PROTOCOLS } from "./protocols.js";
import { TEXTS } from "./texts.js";
import { voterTarget } from "./voter.js";

export const TARGETS: readonly Target[] = [
  ...DECODERS,
  ...GOSSIP,
  ...PROTOCOLS,
  ...HANDOVER,
  ...TEXTS,
  voterTarget(),
  PEER,
];
