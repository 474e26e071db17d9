// Member files: what an owner gives out to be seated in a network that is not founded yet.
import {
  amount,
  ascii,
  encode,
  fixed,
  type Hash,
  list,
  optional,
  struct,
  type TypeOf,
  uint,
} from "../base/index.js";
import { taggedHash } from "../crypto/index.js";
import { agentId } from "./agent.js";

/** Where a peer can be reached: at so many addresses at most. */
export const MAX_MEMBER_ADDRESSES = 16;

/** What the owner of a seat says of it; the agent, the seat and the peer each sign it (spec/founding#F1). */
export const memberFile = struct({
  v: [0, uint(1, 1)],
  /** the name of the only network that it may be used for; null: of any */
  network: [1, optional(ascii(64))],
  /** who owns the seat, and its bond */
  agent: [2, agentId],
  /** the consensus key that votes */
  key: [3, fixed(32)],
  /** the key of the peer that runs the seat */
  peer: [4, fixed(32)],
  /** multiaddrs that end with the peer's id, sorted, each once */
  addresses: [5, list(ascii(512), MAX_MEMBER_ADDRESSES, 1)],
  /** what shall answer for the seat; null: the least that the network asks for */
  bond: [6, optional(amount)],
});
export type MemberFile = TypeOf<typeof memberFile>;

/** What the three keys of a member file sign. */
export const memberHash = (value: MemberFile): Hash => taggedHash("member", encode(memberFile, value));
