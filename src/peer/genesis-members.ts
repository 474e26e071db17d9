// The members that a genesis seats.
import { type Genesis, networkOf } from "../ledger/index.js";
import { type Electorate, electorate, type MemberSet } from "../quorum/index.js";

/** Epoch 0's members, from the genesis seats. */
export const memberSetOf = (genesis: Genesis): MemberSet => ({
  epoch: 0,
  members: genesis.seats.map(({ key, agent }) => ({ key, agent, power: 1 })),
});

/** The electorate a genesis starts with: what certificates of epoch 0 are judged by. */
export const electorateOf = (genesis: Genesis): Electorate =>
  electorate(memberSetOf(genesis), networkOf(genesis).chain);
