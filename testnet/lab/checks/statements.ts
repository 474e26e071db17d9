// What a seat was ever heard to sign, term by term, and whether two of these statements convict it.
import { equalBytes, type Hash } from "../../../src/base/index.js";
import type { Verifier } from "../../../src/crypto/index.js";
import {
  type Electorate,
  type Evidence,
  entryIdOf,
  type OpsJudge,
  proposalEvidence,
  type QuorumMessage,
  type SignedHeader,
  type Vote,
  verifyEvidence,
  voteEvidence,
} from "../../../src/quorum/index.js";

export interface Court {
  readonly electorate: Electorate;
  readonly chain: Hash;
  readonly market: Hash;
  readonly verifier: Verifier;
  /** what is invalid in an entry on its face, by the operations alone */
  readonly judgeOps: OpsJudge;
}

export type Statement =
  | { readonly kind: "vote"; readonly vote: Vote; readonly atMs: number }
  | { readonly kind: "proposal"; readonly signed: SignedHeader; readonly id: Hash; readonly atMs: number };

/** The seat in whose name a vote or a proposal is made, and its term. */
export function speakerOf(message: QuorumMessage): { readonly seat: number; readonly term: number } | null {
  if (message.kind === "vote") return { seat: message.vote.signer, term: message.vote.term };
  if (message.kind !== "propose") return null;
  const { leader, term } = message.propose.entry.header;
  return { seat: leader, term };
}

/** The statement that a vote or a proposal makes; null for any other message. */
export function statementIn(message: QuorumMessage, atMs: number): Statement | null {
  if (message.kind === "vote") return { kind: "vote", vote: message.vote, atMs };
  if (message.kind !== "propose") return null;
  const { header, leaderSig } = message.propose.entry;
  return { kind: "proposal", signed: { header, leaderSig }, id: entryIdOf(header), atMs };
}

/** Different statements by seat and term. */
export class Statements {
  private readonly made = new Map<string, Statement[]>();

  /** The earlier statements of the same seat and term; null if this one is among them. */
  add(seat: number, term: number, statement: Statement): readonly Statement[] | null {
    const name = `${seat}/${term}`;
    const earlier = this.made.get(name) ?? [];
    if (earlier.some((one) => isSame(one, statement))) return null;
    this.made.set(name, [...earlier, statement]);
    return earlier;
  }
}

function isSame(a: Statement, b: Statement): boolean {
  if (a.kind === "proposal") return b.kind === "proposal" && equalBytes(a.id, b.id);
  return b.kind === "vote" && a.vote.type === b.vote.type && equalBytes(a.vote.entryId, b.vote.entryId);
}

const VOTE_FAULTS = ["E1", "E2", "E3", "E4"] as const;

/** The evidence that two statements of one seat in one term are, if the protocol's own judge accepts any. */
export function convicting(court: Court, a: Statement, b: Statement): Evidence | null {
  return (
    candidates(court, a, b).find(
      (one) => verifyEvidence(one, court.electorate, court.chain, court.market, court.verifier).ok,
    ) ?? null
  );
}

/** Every shape that a zealous accuser could give the pair, the honest pairs included. */
function candidates(court: Court, a: Statement, b: Statement): readonly Evidence[] {
  if (a.kind === "proposal" && b.kind === "proposal") return [proposalEvidence(a.signed, b.signed)];
  if (a.kind !== "vote" || b.kind !== "vote") return [];
  const found = voteEvidence(a.vote, b.vote);
  const { set, setHash } = court.electorate;
  const zealous = VOTE_FAULTS.flatMap((type) =>
    [[a.vote, b.vote] as const, [b.vote, a.vote] as const].map(
      ([first, second]): Evidence => ({
        kind: "votes",
        type,
        epoch: set.epoch,
        setHash,
        a: first,
        b: second,
      }),
    ),
  );
  return found === null ? zealous : [found, ...zealous];
}
