// What a person may want to know of a voter: a reading of its state, which changes nothing.
import type { Hash } from "../base/index.js";
import type { FinalProof } from "./message.js";
import { floorOf, type Standing, type Voter } from "./state.js";

export interface VoterView {
  readonly seat: number | null;
  readonly standing: Standing;
  readonly term: number;
  readonly leader: number;
  /** at and below it nothing is signed */
  readonly floorTerm: number;
  readonly finalHeight: number;
  readonly finalTerm: number;
  readonly finalId: Hash;
  readonly seats: number;
  readonly quorum: number;
  /** F; with 0, one Byzantine member can fork this log (PROTOCOL §1.1) */
  readonly byzantineTolerance: number;
  /** by seat: when its last valid message came, own clock */
  readonly heardAtMs: readonly number[];
}

export function viewVoter(voter: Voter): VoterView {
  const { electorate, lastFinal } = voter;
  return {
    seat: voter.seat,
    standing: voter.standing,
    term: voter.term,
    leader: electorate.leaderOf(voter.term),
    floorTerm: floorOf(voter),
    finalHeight: lastFinal.height,
    finalTerm: lastFinal.term,
    finalId: lastFinal.id,
    seats: electorate.size,
    quorum: electorate.quorum,
    byzantineTolerance: electorate.tolerance,
    heardAtMs: voter.heard.map((heard) => heard.atMs),
  };
}

/** What shows others where this voter's log ends; null as long as it holds no certificate of its last final entry. */
export function finalProofOf({ lastFinal, entries }: Voter): FinalProof | null {
  const header = entries.get(lastFinal.hex)?.header;
  return header === undefined || lastFinal.cert === null ? null : { header, cert: lastFinal.cert };
}
