// transcript: of every settled auction a peer can hand out a transcript from which a stranger finds the same outcome.
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { toHex } from "../../src/base/index.js";
import type { Verifier } from "../../src/crypto/index.js";
import { verifyTranscript } from "../../src/peer/index.js";
import type { Notice } from "../../src/peer/ready.js";
import { type Check, type Testimony, type TranscriptReading, verdict } from "./testimony.js";

type Settled = Extract<Notice, { readonly kind: "auctionSettled" }>;

export function checkTranscript({ network, peers, transcripts }: Testimony): Check {
  // A verifier of its own: what the peers have judged before is judged again.
  const verifier = new SignatureVerifier();
  const readings = new Map(transcripts.map((reading) => [reading.auction, reading]));
  const wrongs: string[] = [];
  const settled = new Map<string, Settled>();
  for (const { notice } of peers.flatMap((peer) => peer.sightings)) {
    if (notice.kind === "auctionSettled") settled.set(toHex(notice.auction), notice);
  }
  for (const [auction, notice] of settled) {
    const wrong = wrongOf(readings.get(auction), notice, network.chain, verifier);
    if (wrong !== null) wrongs.push(`auction ${auction.slice(0, 8)}: ${wrong}`);
  }
  return verdict("transcript", wrongs, `${settled.size} transcripts verified from the chain's name alone`);
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
  const winner = notice.winner === null ? null : toHex(notice.winner);
  const same =
    outcome.auction === reading.auction &&
    outcome.winner === winner &&
    outcome.price === notice.price &&
    outcome.burned === notice.burned;
  return same ? null : `${reading.peer}'s transcript tells of another outcome than the peers`;
}
