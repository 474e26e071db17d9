// live: every auction that the log creates has come to its end, at every peer (spec/log#L1).
import { type Hex, toHex } from "../../src/base/index.js";
import { auctionRecords } from "./auction-record.js";
import { type Check, type PeerTestimony, type Testimony, verdict } from "./testimony.js";

/** To be asked once all windows have passed, and the network is quiet. */
export function checkLive(testimony: Testimony): Check {
  const records = auctionRecords(testimony);
  const wrongs = testimony.peers.flatMap((peer) => {
    const ended = endedAt(peer);
    return [...records.keys()]
      .filter((auction) => !ended.has(auction))
      .map((auction) => `${peer.name} knows of no end of auction ${auction.slice(0, 8)}`);
  });
  return verdict("live", wrongs, `${records.size} auctions were created, and all have ended`);
}

const endedAt = ({ sightings }: PeerTestimony): ReadonlySet<Hex> =>
  new Set(
    sightings.flatMap(({ notice }) =>
      notice.kind === "auctionSettled" || (notice.kind === "auctionPhase" && notice.phase === "cancelled")
        ? [toHex(notice.auction)]
        : [],
    ),
  );
