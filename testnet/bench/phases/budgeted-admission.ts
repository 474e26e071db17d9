// Admission of bids whose senders spend of budgets: all that a peer asks before it keeps one that the network brings.
import { agentKey } from "../../../node/crypto/signer.js";
import { SignatureVerifier } from "../../../node/crypto/verifier.js";
import type { Bytes } from "../../../src/base/index.js";
import type { AgentKey } from "../../../src/crypto/index.js";
import { ACCOUNTS } from "../../../src/ledger/index.js";
import {
  type AuctionId,
  decodeOperation,
  encodeOperation,
  judgeAdmission,
  operationId,
  signatureHolds,
} from "../../../src/market/index.js";
import { Includable, type Outlook } from "../../../src/peer/includable.js";
import { Mempool } from "../../../src/peer/mempool.js";
import { testKeySeed } from "../../test-keys.js";
import { BID_LOCKUP, bidBody } from "../bids.js";
import { budgetsOf } from "../budget-trees.js";
import { costOf } from "../cost.js";
import { LoneLedger } from "../lone-ledger.js";
import { offerAll } from "../sealed-bids.js";

const BIDDERS = 128;
const AUCTIONS = 4;
const DAY_MS = 24 * 3_600_000;
const NOBODY: ReadonlySet<string> = new Set();

export async function open() {
  const verifier = new SignatureVerifier();
  const byDepth = new Map<number, Bidders>();
  return {
    jobs: {
      /** CPU ms for each of many bids that were never met. @param depth levels above each bidder; 0: it pays for itself */
      async admit(depth: number): Promise<number> {
        const bidders = byDepth.get(depth) ?? new Bidders(depth, verifier);
        byDepth.set(depth, bidders);
        return bidders.admit();
      },
    },
    close: () => verifier.close(),
  };
}

/** Each at the bottom of a tree of its own. */
class Bidders {
  private readonly market: LoneLedger;
  private readonly keys: readonly AgentKey[];
  private readonly auctions: readonly AuctionId[];

  constructor(
    depth: number,
    private readonly verifier: SignatureVerifier,
  ) {
    const size = BIDDERS * (depth + 1);
    const keys = Array.from({ length: size + 1 }, (_, i) => agentKey(testKeySeed(1, "agent", i)));
    this.keys = Array.from({ length: BIDDERS }, (_, chain) => keys[chain * (depth + 1) + depth]!);
    this.market = new LoneLedger(keys.map(({ publicKey }) => publicKey));
    const { agents } = this.market;
    budgetsOf(this.market, agents.slice(0, size), depth);
    const terms = { lockups: [BID_LOCKUP], commitMs: DAY_MS };
    this.auctions = offerAll(this.market, Array(AUCTIONS).fill(agents[size]), terms);
    this.market.until(this.auctions.at(-1)!, "open");
  }

  /** Bids of each in each auction. */
  async admit(): Promise<number> {
    const bids = this.auctions.flatMap((auction, nth) =>
      this.keys.map((key) => encodeOperation(this.signed(key, bidBody(nth, auction)))),
    );
    const { ledger, height, timeMs } = this.market;
    const mempool = new Mempool({
      closesMs: () => 0,
      convictionOf: () => null,
      nextNonce: (account, lane) => ledger.get(ACCOUNTS, account)?.nonces[lane] ?? 0,
    });
    const peer: Outlook = { ledger, mempool, tip: { height, timeMs }, judgeEvidence: () => null };
    const includable = new Includable(peer, NOBODY);
    const { cpuMs } = await costOf(() => {
      for (const bid of bids) this.take(peer, includable, bid);
    });
    if (includable.waiting.length !== bids.length) throw new Error("a good bid could not be included");
    this.market.entry();
    return cpuMs / bids.length;
  }

  /** Decoded, looked at, its signature verified, kept, and counted for the next entry. */
  private take(peer: Outlook, includable: Includable, raw: Bytes): void {
    const { timeMs } = this.market;
    const decoded = decodeOperation(raw);
    if (!decoded.ok) throw new Error(`a good bid does not decode: ${decoded.error.code}`);
    const admission = judgeAdmission(peer.ledger, decoded.value, timeMs);
    if (admission.kind !== "accept") throw new Error(`a good bid is refused: ${admission.rejection.code}`);
    if (!signatureHolds(decoded.value, this.verifier)) throw new Error("a good bid's signature is refused");
    peer.mempool.add(decoded.value, raw, timeMs);
    includable.follows(peer, NOBODY);
  }

  private signed(key: AgentKey, body: ReturnType<typeof bidBody>) {
    const operation = this.market.operation(key.publicKey, body);
    return { ...operation, sig: key.sign(operationId(operation)) };
  }
}
