// mabeam, the protocol: everything a peer must agree on, and nothing that touches the world.
export * from "./base/index.js";
export * from "./crypto/index.js";
export * as handover from "./handover/index.js";
export * from "./ledger/index.js";
export * from "./market/index.js";
export * from "./peer/index.js";
export * as quorum from "./quorum/index.js";
