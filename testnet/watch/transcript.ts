// transcript: of every settled auction a peer can hand out a transcript from which a stranger finds the same outcome.
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { toHex } from "../../src/base/index.js";
import type { Verifier } from "../../src/crypto/index.js";
import type { Award } from "../../src/market/index.js";
import { verifyTranscript } from "../../src/peer/index.js";
import type { Settled } from "../lab/checks/outcome.js";
import type { Finding, Testimony, TranscriptReading } from "./testimony.js";

export function transcripts({ network, peers, transcripts: readings }: Testimony): Finding {
  // A verifier of its own: what the peers have judged before is judged again.
  const verifier = new SignatureVerifier();
  const byAuction = new Map(readings.map((reading) => [reading.auction, reading]));
  const wrongs: string[] = [];
  const settled = new Map<string, Settled>();
  for (const { notice } of peers.flatMap((peer) => peer.sightings)) {
    if (notice.kind === "auctionSettled") settled.set(toHex(notice.auction), notice);
  }
  for (const [auction, notice] of settled) {
    const wrong = wrongOf(byAuction.get(auction), notice, network.chain, verifier);
    if (wrong !== null) wrongs.push(`auction ${auction.slice(0, 8)}: ${wrong}`);
  }
  return { wrongs, seen: `${settled.size} transcripts verified from the chain's name alone` };
}

function wrongOf(
  reading: TranscriptReading | undefined,
  notice: Settled,
  chain: Uint8Array,
  verifier: Verifier,
): string | null {
  if (reading === undefined || reading.transcript === null)
    return `${reading?.peer ?? "nobody"} has no transcript`;
  const { outcome, checks } = verifyTranscript(reading.transcript, chain, verifier);
  if (outcome === null) {
    const failed = checks.find(({ ok }) => !ok);
    return `${reading.peer}'s transcript fails at ${failed?.name}: ${failed?.detail}`;
  }
  const same =
    outcome.auction === reading.auction &&
    sameAwards(outcome.awards, notice.awards) &&
    outcome.clearingPrice === notice.clearingPrice &&
    outcome.burned === notice.burned;
  return same ? null : `${reading.peer}'s transcript tells of another outcome than the peers`;
}

const sameAwards = (a: readonly Award[], b: readonly Award[]): boolean => {
  const [mine, theirs] = [a, b].map((awards) =>
    awards.map(({ bidder, units, pays, receives }) => `${toHex(bidder)} ${units} ${pays} ${receives}`).sort(),
  );
  return String(mine) === String(theirs);
};
