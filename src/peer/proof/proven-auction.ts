// The auction in a transcript, check by check: its rows are the state's, and the rules lead from the log to them.
import {
  type Bytes,
  encode,
  equalBytes,
  err,
  fromHex,
  type Hash,
  ok,
  type Result,
  toHex,
} from "../../base/index.js";
import { MAX_ROW_BYTES, verifyRowProof } from "../../ledger/index.js";
import {
  type Auction,
  type Award,
  auctionKey,
  auctionRow,
  award as awardCodec,
  type Commit,
  commitKey,
  commitRow,
  creates,
  type EndedPhase,
  isEnded,
  type LoggedEntry,
  makesCommit,
  type Operation,
  type Replayed,
  replayAuction,
  shownBid,
  takenByCreation,
} from "../../market/index.js";
import { type Checked, every, holds, part } from "./checked.js";
import type { Ground, ProvenEntry } from "./proven-log.js";
import type { Transcript } from "./transcript.js";
import { MAX_WITNESS_BYTES, type ProvenRow, provenRow } from "./witness.js";

/** An ended auction as the state has it; what its rows say is still to be shown by the log. */
export interface StatedAuction {
  readonly auction: Auction;
  readonly phase: EndedPhase;
  /** in the order of their bidders */
  readonly commits: readonly Commit[];
}

/** The rows stand under one state root that a header attests, taken at or after the auction's end. */
export function checkProofs(transcript: Transcript, entries: readonly ProvenEntry[]): Checked<StatedAuction> {
  const id = fromHex(transcript.auction);
  if (id === null || id.length !== 32 || toHex(id) !== transcript.auction)
    return err("the auction's id is none");
  const rows = every(transcript.proofs, (one, i) => part(provenRow, one, `proof ${i}`, MAX_WITNESS_BYTES));
  if (!rows.ok) return rows;
  const stated = statedBy(rows.value, id);
  if (!stated.ok) return stated;
  const { endedAt } = stated.value.phase;
  const isUnder =
    (root: Hash) =>
    ({ key, value, proof }: ProvenRow): boolean =>
      verifyRowProof(root, key, value, proof);
  // A proof leads to one root alone: the first row's tells which header it may be, and the others are proven once.
  const [first, ...others] = rows.value;
  const attesting = entries.find(
    ({ header }) => header.execHeight >= endedAt && isUnder(header.execRoot)(first!),
  );
  if (attesting === undefined || !others.every(isUnder(attesting.header.execRoot)))
    return err("no header's state root has these rows");
  return holds(
    stated.value,
    `${rows.value.length} rows under the root of height ${attesting.header.execHeight}`,
  );
}

function statedBy([first, ...rest]: readonly ProvenRow[], id: Hash): Result<StatedAuction, string> {
  if (first === undefined || first.key !== auctionKey(id)) return err("the auction's row is missing");
  const row = part(auctionRow, first.value, "the auction's row", MAX_ROW_BYTES);
  if (!row.ok) return row;
  const auction: Auction = { id, ...row.value };
  const { phase } = auction;
  if (!isEnded(phase)) return err("the auction has not ended in this state");
  const commits = every(rest, (one, i) => commitIn(one, id, rest[i - 1]?.key ?? ""));
  if (!commits.ok) return commits;
  if (commits.value.length !== auction.commits) {
    return err(`${commits.value.length} commits are proven, the auction has ${auction.commits}`);
  }
  return ok({ auction, phase, commits: commits.value });
}

/** The commit in a proven row; rows come in the order of their keys, each once. */
function commitIn({ key, value }: ProvenRow, auction: Hash, before: string): Result<Commit, string> {
  const bidder = fromHex(key.split("/")[2] ?? "");
  if (bidder?.length !== 32 || key !== commitKey(auction, bidder) || key <= before) {
    return err(`the row ${key} is no commit of this auction, or stands twice`);
  }
  const row = part(commitRow, value, key, MAX_ROW_BYTES);
  return row.ok ? ok({ bidder, ...row.value }) : row;
}

/** A stated auction with the operations that made it, by height. */
export interface SignedAuction extends StatedAuction {
  readonly creation: Operation;
  readonly taken: ReadonlyMap<number, readonly Operation[]>;
}

/** The log begins with the operation that created the auction, on the very terms that the state has. */
export function checkTerms(
  stated: StatedAuction,
  entries: readonly ProvenEntry[],
  { network }: Ground,
): Checked<StatedAuction & Pick<SignedAuction, "creation">> {
  const { creator, createdAt } = stated.auction;
  const [first] = entries;
  if (first?.header.height !== createdAt) return err(`the log does not begin at height ${createdAt}`);
  const creation = first.operations.find((op) => creates(op, network, stated.auction));
  return creation === undefined
    ? err(`no operation of height ${createdAt} creates this auction on these terms`)
    : holds({ ...stated, creation }, `signed by ${toHex(creator).slice(0, 16)}`);
}

/** Each commit in the state was signed by its bidder, in the entry that the state names. */
export function checkCommitments(
  stated: StatedAuction & Pick<SignedAuction, "creation">,
  entries: readonly ProvenEntry[],
): Checked<SignedAuction> {
  const { auction, commits, creation } = stated;
  const taken = new Map([[auction.createdAt, [creation]]]);
  for (const commit of commits) {
    const { committedAt, bidder } = commit;
    const signed = entries[committedAt - auction.createdAt]?.operations.findLast((op) =>
      makesCommit(op, auction.id, commit),
    );
    if (signed === undefined) return err(`${toHex(bidder)} signed no such commit at height ${committedAt}`);
    taken.set(committedAt, [...(taken.get(committedAt) ?? []), signed]);
  }
  return holds({ ...stated, taken }, `${commits.length} commits, each signed by its bidder`);
}

/** The rules lead from the log to an end at the stated height and time, and refuse none of the commits taken. */
export function checkPhases(
  { auction, phase, commits, taken }: SignedAuction,
  entries: readonly ProvenEntry[],
  { genesis, electorate }: Ground,
): Checked<Replayed> {
  const logged = entries.map(({ header, operations }, i): LoggedEntry => {
    // What came before the auction's first entry is not in the transcript, and does not concern it.
    const parent = entries[i - 1]?.header ?? header;
    const { height, timeMs, leader, epoch, execHeight } = header;
    const of = { parentTimeMs: parent.timeMs, parentExecHeight: parent.execHeight };
    return {
      at: { height, timeMs, leader, epoch, execHeight, ...of, tolerance: electorate.tolerance },
      ops: operations,
    };
  });
  const promised = takenByCreation(auction.terms, auction.createdMs, genesis.params);
  const locked = commits.reduce((sum, one) => sum + one.lockup, promised);
  const { endedAt, dueMs } = phase;
  const claim = { id: auction.id, endedAt, dueMs, spentMs: auction.spentMs, taken, locked };
  const lived = replayAuction(genesis, claim, logged);
  if (!lived.ok) return lived;
  const end = lived.value.auction;
  if (end.createdMs !== auction.createdMs) return err(differs("createdMs", end.createdMs, auction.createdMs));
  const endedMs = isEnded(end.phase) ? end.phase.endedMs : null;
  if (endedMs !== phase.endedMs) return err(differs("endedMs", endedMs, phase.endedMs));
  const { passedOver } = lived.value;
  const note = passedOver === 0 ? "" : `; ${passedOver} bids or terms are not as they were signed`;
  return holds(lived.value, `ended by the rules at height ${phase.endedAt}${note}`);
}

/** What is shown as opened was opened in time by the log's operations, and whatever they opened is shown. */
export function checkOpenings(stated: StatedAuction, lived: Replayed): Checked<Replayed> {
  const { auction, commits } = stated;
  for (const [i, { bidder, opening, standing }] of commits.entries()) {
    const ruled = lived.commits[i]!;
    if (!sameBytes(openingBytes(opening), openingBytes(ruled.opening)))
      return err(`the bid of ${toHex(bidder)} is not as the log's reveals leave it`);
    if (standing !== ruled.standing)
      return err(differs(`the standing of ${toHex(bidder)}`, ruled.standing, standing));
  }
  if (lived.auction.openedReserve !== auction.openedReserve) {
    return err(differs("openedReserve", lived.auction.openedReserve, auction.openedReserve));
  }
  if (lived.auction.reveals !== auction.reveals) {
    return err(differs("reveals", lived.auction.reveals, auction.reveals));
  }
  return holds(lived, `${auction.reveals} of ${commits.length} commits opened`);
}

const openingBytes = (opening: Commit["opening"]): Bytes =>
  opening === null ? new Uint8Array(0) : encode(shownBid, opening);
const sameBytes = (a: Bytes, b: Bytes): boolean => equalBytes(a, b);

/** How an auction ended, recomputed. */
export interface Outcome {
  readonly phase: StatedAuction["phase"]["kind"];
  /** in the order of their bidders; none unless it is done */
  readonly awards: readonly Award[];
  /** null unless it is done */
  readonly clearingPrice: bigint | null;
  readonly burned: bigint;
}

/** The rules give the very outcome that the state has, and the whole row is theirs to the last byte. */
export function checkOutcome({ auction, phase, commits }: StatedAuction, lived: Replayed): Checked<Outcome> {
  const end = lived.auction.phase;
  if (!isEnded(end)) return err("the auction has not ended");
  const recomputed = outcomeOf(end, lived.commits);
  const [mine, theirs] = [said(recomputed), said(outcomeOf(phase, commits))];
  if (mine !== theirs) return err(`recomputed ${mine}; the state says ${theirs}`);
  const robbed = commits.find((one, i) => !equalBytes(awardBytes(one), awardBytes(lived.commits[i]!)));
  if (robbed !== undefined) return err(`the award of ${toHex(robbed.bidder)} is not the one of the rules`);
  if (!equalBytes(encode(auctionRow, lived.auction), encode(auctionRow, auction))) {
    return err("the auction's row is not the one that the rules lead to");
  }
  return holds(recomputed, said(recomputed));
}

const outcomeOf = (phase: StatedAuction["phase"], commits: readonly Commit[]): Outcome => ({
  phase: phase.kind,
  awards: commits.flatMap(({ bidder, award }) => (award === null ? [] : [{ bidder, ...award }])),
  clearingPrice: phase.kind === "done" ? phase.clearingPrice : null,
  burned: phase.burned,
});

const awardBytes = ({ award }: Commit): Bytes =>
  award === null ? new Uint8Array(0) : encode(awardCodec, award);

const said = ({ phase, awards, clearingPrice, burned }: Outcome): string =>
  `${phase}, ${winnersOf(awards)}, ${clearingPrice === null ? "no price" : `price ${clearingPrice}`}, ${burned} burned`;

function winnersOf(awards: readonly Award[]): string {
  const [first, second] = awards;
  if (first === undefined) return "no winner";
  return second === undefined ? `winner ${toHex(first.bidder)}` : `${awards.length} winners`;
}

const differs = (name: string, mine: unknown, theirs: unknown): string =>
  `recomputed ${name} ${mine}, the state says ${theirs}`;
