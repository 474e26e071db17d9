// Why a network is not founded, or a founding file not taken.
import { Accident } from "../accident.js";

export type FoundingCode =
  | "MEMBER_UNREADABLE"
  | "MEMBER_FORGED"
  | "MEMBER_KEY_UNSOUND"
  | "MEMBER_REPEATED"
  | "MEMBER_OF_OTHER_NETWORK"
  | "FOUNDING_REFUSED"
  | "FOUNDING_UNREADABLE"
  | "GENESIS_UNREADABLE"
  | "CHAIN_MISMATCH"
  | "SEATS_DIFFER"
  | "NOT_SEATED"
  | "OTHER_NETWORK"
  | "SEAT_RUNS_ELSEWHERE";

/** An accident with files that found a network. */
export class FoundingError extends Accident<FoundingCode> {
  override readonly name = "FoundingError";
}
