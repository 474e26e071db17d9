// Where an agent is served: a word of the agent's own, which peers pass on to whoever looks for it (spec/handover#P1).
import {
  ascii,
  encode,
  fixed,
  type Hash,
  list,
  signature,
  struct,
  type TypeOf,
  uint,
  union,
} from "../base/index.js";
import { taggedHash, type Verifier } from "../crypto/index.js";

const MAX_ADDRESSES = 4;
const MAX_ADDRESS_CHARACTERS = 128;

/** What the agent says: a peer, its addresses, and a number that grows with each word of it. */
export const whereabouts = struct({
  agent: [0, fixed(32)],
  peer: [1, ascii(64)],
  addresses: [2, list(ascii(MAX_ADDRESS_CHARACTERS), MAX_ADDRESSES)],
  /** of two words of one agent the greater counts; by custom the time in ms at which it was said */
  seq: [3, uint()],
});
export type Whereabouts = TypeOf<typeof whereabouts>;

/** The same, signed by the agent. */
export const presence = struct({ said: [0, whereabouts], sig: [1, signature] });
export type Presence = TypeOf<typeof presence>;
export const MAX_PRESENCE_BYTES = 1024;

/** Addresses that a word can hold, in their order. */
export const tellable = (addresses: readonly string[]): readonly string[] =>
  addresses.filter(({ length }) => length <= MAX_ADDRESS_CHARACTERS).slice(0, MAX_ADDRESSES);

export const presenceDigest = (chain: Hash, market: Hash, said: Whereabouts): Hash =>
  taggedHash("presence", chain, market, encode(whereabouts, said));

/** Whether its agent said it, on this network. */
export const isSaid = (chain: Hash, market: Hash, { said, sig }: Presence, verifier: Verifier): boolean =>
  verifier.verify(said.agent, presenceDigest(chain, market, said), sig);

/** Peers tell each other where agents are, and ask. */
export const presenceQuestion = union({
  here: [0, struct({ presence: [0, presence] })],
  whereIs: [1, struct({ agent: [0, fixed(32)] })],
});
export type PresenceQuestion = TypeOf<typeof presenceQuestion>;

export const presenceAnswer = union({
  /** the greatest `seq` that is known of the agent now */
  noted: [0, struct({ seq: [0, uint()] })],
  found: [1, struct({ presence: [0, presence] })],
  refused: [2, struct({ code: [0, ascii(64)] })],
});
export type PresenceAnswer = TypeOf<typeof presenceAnswer>;

/** What of this is kept for one agent: a later word pushes out an earlier one. */
export const isNews = (said: Pick<Whereabouts, "seq">, known: Presence | undefined): boolean =>
  known === undefined || said.seq > known.said.seq;
