// A real peer behind the port of a simulated host: what node/ does around it, and what checkers may read.
import { type Bytes, decode, EMPTY, invariant } from "../../src/base/index.js";
import type { AgentKey, Signer, Verifier } from "../../src/crypto/index.js";
import { FAULT_CLASS, type Genesis, type Ledger } from "../../src/ledger/index.js";
import { decodeOperation, type Operation, signatureHolds } from "../../src/ledger/operation.js";
import { judgeOperation } from "../../src/peer/admission.js";
import type { Conduct } from "../../src/peer/conduct.js";
import { LOG_PREFIX, witnessedBy } from "../../src/peer/keyspace.js";
import { step } from "../../src/peer/peer.js";
import { openPeer } from "../../src/peer/restore.js";
import type { Peer } from "../../src/peer/state.js";
import { MAX_FRAME_BYTES } from "../../src/quorum/limits.js";
import { type QuorumMessage, quorumMessage } from "../../src/quorum/message.js";
import type { VotingRules } from "../../src/quorum/rules.js";
import type { Books, Boot, Happening, Machine } from "./machine.js";
import type { Random } from "./world/random.js";

export interface PeerPlan {
  readonly genesis: Genesis;
  readonly signer: Signer | null;
  readonly agents: readonly AgentKey[];
  readonly verifier: Verifier;
  readonly rules: VotingRules;
  readonly conduct: Conduct;
  readonly keepTerms: number;
  /** one instance for each start of the process */
  readonly instances: Random;
  /** rows that a start finds missing: a fault of the disk that no honest disk has */
  losesRow(key: string): boolean;
}

/** What hosts of one world have decoded and verified already: the verdicts are the same for all of them. */
export class Admissions {
  private readonly operations = new WeakMap<Bytes, Operation | null>();
  private readonly finals = new WeakMap<Bytes, QuorumMessage | null>();

  constructor(private readonly verifier: Verifier) {}

  /** The operation in the bytes, if its signature holds. */
  operation(bytes: Bytes): Operation | null {
    const known = this.operations.get(bytes);
    if (known !== undefined) return known;
    const decoded = decodeOperation(bytes);
    const operation = decoded.ok && signatureHolds(decoded.value, this.verifier) ? decoded.value : null;
    this.operations.set(bytes, operation);
    return operation;
  }

  final(bytes: Bytes): QuorumMessage | null {
    const known = this.finals.get(bytes);
    if (known !== undefined) return known;
    const decoded = decode(quorumMessage, bytes, MAX_FRAME_BYTES);
    const message = decoded.ok && decoded.value.kind === "final" ? decoded.value : null;
    this.finals.set(bytes, message);
    return message;
  }
}

/** As node/peer-node.ts opens a peer: of the log, the newest rows; of a witness, that there is one. */
export function bootOf(plan: PeerPlan, admissions: Admissions): Boot {
  const { losesRow, instances, ...fixed } = plan;
  return (found, guard, isNew) => {
    const rows = startRows(found, fixed.keepTerms).filter(([key]) => !losesRow(key));
    const config = { ...fixed, instance: instances.bytes(16), fresh: isNew };
    const opened = openPeer(config, rows, guard);
    invariant(opened.ok, opened.ok ? "" : `${opened.error.code}: ${opened.error.detail}`);
    return machineOf(opened.value, admissions);
  };
}

function startRows(found: Iterable<readonly [string, Bytes]>, keepTerms: number): [string, Bytes][] {
  const rows = [...found];
  const logRows = rows.filter(([key]) => key.startsWith(LOG_PREFIX)).length;
  let older = Math.max(0, logRows - keepTerms);
  return rows.flatMap(([key, value]): [string, Bytes][] => {
    if (key.startsWith(LOG_PREFIX) && older-- > 0) return [];
    return [[key, witnessedBy(key) === null ? value : EMPTY]];
  });
}

function machineOf(peer: Peer, admissions: Admissions): Machine {
  return {
    step: (event) => step(peer, event),
    admit(from, topic, bytes, nowMs): Happening | null {
      if (topic === "final") {
        const message = admissions.final(bytes);
        return message === null ? null : { kind: "message", from, seat: null, message };
      }
      const operation = admissions.operation(bytes);
      if (operation === null || judgeOperation(peer, operation, nowMs).kind !== "accept") return null;
      return { kind: "operation", operation, bytes };
    },
    get height() {
      return peer.tip.height;
    },
    root: () => peer.tip.root,
    books: () => booksOf(peer.ledger),
    convicted: () =>
      [...peer.ledger.slashes.values()]
        .filter(({ type }) => FAULT_CLASS[type] === "A")
        .map(({ agent }) => agent),
  };
}

/** Every amount that the ledger holds, one by one: nothing is taken from its own sums but the pools. */
function booksOf(ledger: Ledger): Books {
  const holdings: { what: string; amount: bigint }[] = [
    { what: "burned", amount: ledger.totals.burned },
    { what: "insurance", amount: ledger.totals.insurance },
  ];
  for (const [agent, account] of ledger.accounts) {
    const whose = agent.slice(0, 8);
    holdings.push({ what: `${whose} free`, amount: account.free });
    let bound = 0n;
    for (const lien of account.liens.values()) {
      bound += lien.amount;
      holdings.push({ what: `${whose} lien`, amount: lien.amount });
    }
    holdings.push({ what: `${whose} free stake`, amount: account.stake - bound });
    for (const [auction, { fromFree, fromStake }] of account.locks) {
      holdings.push({ what: `${whose} lock in ${auction.slice(0, 8)}`, amount: fromFree + fromStake });
    }
    for (const { amount } of account.unbonding) holdings.push({ what: `${whose} unbonding`, amount });
  }
  return { minted: ledger.totals.minted, holdings };
}
