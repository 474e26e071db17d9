// Handover: goods of a trade between the peers of its parties, as both sides must agree on it. Knows no disk and no network.
export * from "./goods.js";
export * from "./intake.js";
export * from "./knock.js";
export * from "./offered.js";
export * from "./presence.js";
export * from "./wire.js";
