// mabeam, the protocol: everything a peer must agree on, and nothing that touches the world.
export * from "./base/index.js";
export * from "./crypto/index.js";
