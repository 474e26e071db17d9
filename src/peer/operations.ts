// Operations whose bytes this peer has judged by themselves: decoded, and signed by their sender.
import { type Bytes, type Hex, ok, toHex } from "../base/index.js";
import type { Verifier } from "../crypto/index.js";
import { type AgentId, faceFault, type Network, type Params } from "../ledger/index.js";
import {
  consentDigest,
  decodeOperation,
  type OfferedBudget,
  type Operation,
  operationId,
  signatureHolds,
  signaturesOf,
} from "../market/index.js";
import type { Question } from "../quorum/index.js";
import { operationKeyOf } from "./operation-key.js";

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
  /** what was decoded ahead of `read`, by the very bytes: it goes with the message that brought them */
  private readonly decoded = new WeakMap<Bytes, Operation>();

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
    const ahead = this.decoded.get(bytes);
    const key = operationKeyOf(bytes);
    const known = this.judged.get(key);
    if (known !== undefined) return first(known.operation) ?? known;
    const decoded = ahead === undefined ? decodeOperation(bytes) : ok(ahead);
    if (!decoded.ok) return `OPERATION_${decoded.error.code}`;
    const fault = first(decoded.value);
    if (fault !== null) return fault;
    if (!signatureHolds(decoded.value, this.verifier)) return "BAD_SIGNATURE";
    return this.remember(key, decoded.value);
  }

  /** The operation in bytes whose signature was judged before, here or by the quorum; null: they are none. */
  operationIn(bytes: Bytes): Operation | null {
    const ahead = this.decoded.get(bytes);
    if (ahead !== undefined) return ahead;
    const known = this.judged.get(operationKeyOf(bytes));
    if (known !== undefined) return known.operation;
    const decoded = decodeOperation(bytes);
    return decoded.ok ? decoded.value : null;
  }

  /** The signatures that `read` will ask about in these operations, of those it has not judged before. */
  questionsOf(ops: readonly Bytes[]): readonly Question[] {
    return ops.flatMap((bytes) => {
      const decoded = this.judged.has(operationKeyOf(bytes)) ? null : decodeOperation(bytes);
      if (decoded?.ok !== true) return [];
      this.decoded.set(bytes, decoded.value);
      return signaturesOf(decoded.value);
    });
  }

  /** Whether a child has agreed to a budget that an owner offers. */
  agrees(owner: AgentId, offered: OfferedBudget): boolean {
    const digest = consentDigest(this.network, owner, offered);
    return this.verifier.verify(offered.child, digest, offered.consent);
  }

  /** Takes in an operation that was decoded from `bytes` and whose signature was verified elsewhere. */
  trust(operation: Operation, bytes: Bytes): Judged {
    const key = operationKeyOf(bytes);
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
