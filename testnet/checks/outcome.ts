// outcome: every peer announced the winner, price and forfeits that follow from the signed operations in the log.
import { toHex } from "../../src/base/index.js";
import { type AuctionRecord, auctionRecords } from "./auction-record.js";
import { type NaiveOutcome, naiveOutcome } from "./naive-outcome.js";
import { type Check, type PeerTestimony, type Testimony, verdict } from "./testimony.js";

export function checkOutcome(testimony: Testimony): Check {
  const records = auctionRecords(testimony);
  const wrongs = testimony.peers.flatMap((peer) => strangers(peer, records));
  let settled = 0;
  for (const [id, record] of records) {
    const { revealHeight, settleHeight } = record;
    if (revealHeight === null || settleHeight === null) continue;
    settled++;
    const expected = naiveOutcome(testimony, { ...record, revealHeight, settleHeight });
    for (const peer of testimony.peers) {
      const wrong = differs(peer, id, expected);
      if (wrong !== null) wrongs.push(`${peer.name}, auction ${id.slice(0, 8)}: ${wrong}`);
    }
  }
  return verdict(
    "outcome",
    wrongs,
    `${settled} outcomes recomputed, ${testimony.peers.length} peers agree with each`,
  );
}

/** Settlements of auctions that nobody created. */
const strangers = (peer: PeerTestimony, records: ReadonlyMap<string, AuctionRecord>): string[] =>
  peer.sightings.flatMap(({ notice }) =>
    notice.kind === "auctionSettled" && !records.has(toHex(notice.auction))
      ? [`${peer.name} settled ${toHex(notice.auction).slice(0, 8)}, which the log does not create`]
      : [],
  );

function differs(peer: PeerTestimony, auction: string, expected: NaiveOutcome): string | null {
  const notices = peer.sightings.flatMap(({ notice }) =>
    notice.kind === "auctionSettled" && toHex(notice.auction) === auction ? [notice] : [],
  );
  const [said] = notices;
  if (said === undefined) return "never announced as settled";
  if (notices.length > 1) return `announced as settled ${notices.length} times`;
  const winner = said.winner === null ? null : toHex(said.winner);
  if (winner !== expected.winner)
    return `winner ${winner ?? "nobody"}, by the log ${expected.winner ?? "nobody"}`;
  if (said.price !== expected.price) return `price ${said.price}, by the log ${expected.price}`;
  if ((said.outcome === "void") !== expected.isVoid)
    return `said to be ${said.outcome}, by the log the lot ${expected.isVoid ? "had" : "had not"} lapsed`;
  if (said.burned !== expected.burned) return `${said.burned} burned, by the log ${expected.burned}`;
  return null;
}
