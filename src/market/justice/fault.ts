// What the log proves against a seat, as execution is told of it.
import type { Bytes } from "../../base/index.js";
import type { AgentId } from "../../ledger/index.js";

/** The proven faults (spec/evidence#faults). */
export type EvidenceType = "E1" | "E2" | "E3" | "E4" | "E5" | "E6";

/** A: a contradiction within one term. B: a proposal that is invalid on its face. Each is punished once. */
export type FaultClass = "A" | "B";

/** The class of each fault (spec/evidence#faults). */
export const FAULT_CLASS: Readonly<Record<EvidenceType, FaultClass>> = {
  E1: "A",
  E2: "A",
  E3: "A",
  E4: "A",
  E5: "A",
  E6: "B",
};

/** Which seat a piece of evidence convicts, and of what. */
export interface ProvenFault {
  readonly type: EvidenceType;
  readonly agent: AgentId;
  /** the seat's consensus key: the id of its bond's lien */
  readonly key: Bytes;
  readonly epoch: number;
  readonly term: number;
}

/** The conviction that an evidence's bytes prove, or null. Pure: a function of the bytes and the epoch's set. */
export type EvidenceJudge = (evidence: Bytes) => ProvenFault | null;
