// Agents: who owns accounts, by their Ed25519 public keys, and the two lanes in which their operations come.
import { type Bytes, fixed } from "../base/index.js";

/** 32 bytes. */
export const agentId = fixed(32);
export type AgentId = Bytes;

/** Which nonces and which share of an entry an operation uses (spec/encoding#lanes-and-signers). */
export type Lane = "critical" | "bulk";
