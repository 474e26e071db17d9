// Operations whose bytes this peer has judged by themselves: decoded, and signed by their sender.
import { type Bytes, type Hex, toHex } from "../base/index.js";
import { leafHash, type Verifier } from "../crypto/index.js";
import {
  ACCOUNTS,
  auctionOf,
  decodeOperation,
  type EvidenceJudge,
  faceFault,
  isEnded,
  LANE,
  type Ledger,
  type Network,
  type Operation,
  operationId,
  type Params,
  signatureHolds,
} from "../ledger/index.js";
import { judgeAdmission } from "../market/index.js";
import type { Question } from "../quorum/index.js";
import type { Waiting } from "./mempool.js";

/** What is remembered of judged operations; older ones are judged again when they come back. */
const MAX_REMEMBERED = 8192;

export interface Judged {
  /** hex of the leaf hash of its bytes: how entries, mempool and voter name it */
  readonly key: Hex;
  readonly id: Hex;
  readonly operation: Operation;
}

export class OperationJudge {
  private readonly judged = new Map<Hex, Judged>();

  constructor(
    private readonly network: Network,
    private readonly params: Params,
    private readonly verifier: Verifier,
  ) {}

  /**
   * The operation in the bytes, or the code of why they are none: what holds at any time and in any state.
   * @param first a cheaper question that is asked before the signature is verified; a code of its own ends it
   */
  read(bytes: Bytes, first: (operation: Operation) => string | null = () => null): Judged | string {
    const key = toHex(leafHash(bytes));
    const known = this.judged.get(key);
    if (known !== undefined) return first(known.operation) ?? known;
    const decoded = decodeOperation(bytes);
    if (!decoded.ok) return `OPERATION_${decoded.error.code}`;
    const fault = first(decoded.value);
    if (fault !== null) return fault;
    if (!signatureHolds(decoded.value, this.verifier)) return "BAD_SIGNATURE";
    return this.remember(key, decoded.value);
  }

  /** The operation in bytes whose signature was judged before, here or by the quorum; null: they are none. */
  decoded(bytes: Bytes): Operation | null {
    const known = this.judged.get(toHex(leafHash(bytes)));
    if (known !== undefined) return known.operation;
    const decoded = decodeOperation(bytes);
    return decoded.ok ? decoded.value : null;
  }

  /** The signatures that `read` will ask about in these operations, of those it has not judged before. */
  questionsOf(ops: readonly Bytes[]): readonly Question[] {
    return ops.flatMap((bytes) => {
      const decoded = this.judged.has(toHex(leafHash(bytes))) ? null : decodeOperation(bytes);
      if (decoded?.ok !== true) return [];
      const { authority, sig } = decoded.value;
      return authority === null || sig === null
        ? []
        : [{ key: authority.from, digest: operationId(decoded.value), sig }];
    });
  }

  /** Takes in an operation that was decoded from `bytes` and whose signature was verified elsewhere. */
  trust(operation: Operation, bytes: Bytes): Judged {
    const key = toHex(leafHash(bytes));
    return this.judged.get(key) ?? this.remember(key, operation);
  }

  /** Lets go of an operation that a final entry holds: whoever brings it again is late. */
  forget(key: Hex): void {
    this.judged.delete(key);
  }

  /** What is wrong with an operation on its face at a ledger time: its code, or null (spec/log#V3). */
  faultAt(operation: Operation, timeMs: number): string | null {
    return faceFault(operation, this.network, this.params, timeMs)?.code ?? null;
  }

  /** Why the operations of an entry are invalid on their face (spec/log#V3), or null. */
  judgeEntry(timeMs: number, ops: readonly Bytes[]): string | null {
    const ids = new Set<Hex>();
    for (const bytes of ops) {
      const one = this.read(bytes);
      if (typeof one === "string") return one;
      const fault = this.faultAt(one.operation, timeMs);
      if (fault !== null) return fault;
      if (ids.has(one.id)) return "REPEATED_OPERATION";
      ids.add(one.id);
    }
    return null;
  }

  private remember(key: Hex, operation: Operation): Judged {
    const one = { key, id: toHex(operationId(operation)), operation };
    this.judged.set(key, one);
    if (this.judged.size > MAX_REMEMBERED) this.judged.delete(this.judged.keys().next().value!);
    return one;
  }
}

/**
 * Why no entry at or after a ledger time can hold the operation any more, or null: it has expired, or its nonce was
 * used by another. Operations that prove themselves go with what they are about: an opening with its auction's end,
 * evidence when its fault was punished, or when nothing would follow from it any more; else a member that has nothing
 * left to lose could fill the mempool.
 */
export function staleness(
  ledger: Ledger,
  one: Pick<Waiting, "operation" | "account">,
  timeMs: number,
  judge: EvidenceJudge,
): string | null {
  const { authority, body } = one.operation;
  if (one.account !== null && authority !== null) {
    if (authority.validUntilMs < timeMs) return "EXPIRED";
    const next = ledger.get(ACCOUNTS, one.account)?.nonces[LANE[body.kind]] ?? 0;
    return authority.nonce < next ? "NONCE_NOT_NEXT" : null;
  }
  if (body.kind === "evidence") {
    const verdict = judgeAdmission(ledger, one.operation, timeMs, judge);
    return verdict.kind === "ignore" ? verdict.rejection.code : null;
  }
  if (body.kind !== "reveal" && body.kind !== "openReserve") return null;
  const auction = auctionOf(ledger, body.auction);
  return auction === null || isEnded(auction.phase) ? "REVEAL_TOO_LATE" : null;
}
