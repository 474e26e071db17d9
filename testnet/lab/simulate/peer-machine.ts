// A real peer behind the port of a simulated host: what node/ does around it, and what checkers may read.

import { VerdictMemo, verdictKey } from "../../../node/crypto/verdict-memo.js";
import { VERIFIER_LIMITS } from "../../../node/crypto/verifier.js";
import { BEHIND_MESSAGES } from "../../../node/net/limits.js";
import { idText, Topics } from "../../../node/net/topics.js";
import { type Bytes, EMPTY, invariant } from "../../../src/base/index.js";
import type { AgentKey, Signer, Verifier } from "../../../src/crypto/index.js";
import { type Genesis, untouchedRows } from "../../../src/ledger/index.js";
import { FAULT_CLASS, SLASHES } from "../../../src/market/index.js";
import type { Conduct } from "../../../src/peer/conduct.js";
import { LOG_PREFIX, witnessedBy } from "../../../src/peer/keyspace.js";
import { step } from "../../../src/peer/peer.js";
import type { Topic } from "../../../src/peer/ready.js";
import { openPeer } from "../../../src/peer/restore.js";
import type { ShelfLimits } from "../../../src/peer/shelves.js";
import type { Peer } from "../../../src/peer/state.js";
import type { VotingRules } from "../../../src/quorum/index.js";
import { accountsOf, booksOf, tradesIn } from "../checks/books.js";
import { budgetsIn } from "../checks/budget-books.js";
import type { Boot, Machine, Process, Thread } from "./machine.js";
import { virtualGate } from "./virtual-gate.js";
import type { Random } from "./world/random.js";

export interface PeerPlan {
  readonly genesis: Genesis;
  readonly signer: Signer | null;
  readonly agents: readonly AgentKey[];
  readonly verifier: Verifier;
  readonly rules: VotingRules;
  readonly conduct: Conduct;
  readonly keepTerms: number;
  readonly shelves: ShelfLimits;
  /** one instance for each start of the process */
  readonly instances: Random;
  /** rows that a start finds missing: a fault of the disk that no honest disk has */
  losesRow(key: string): boolean;
  /** operations are acknowledged before they are kept: no honest process does */
  readonly acknowledgesFirst: boolean;
}

/** The ids of a world's messages: each is hashed once, for all who hear the same bytes. */
export class MessageIds extends Topics {
  private readonly known = new WeakMap<Bytes, { readonly name: string; readonly id: Bytes }>();

  override idOf(name: string, data: Bytes): Bytes {
    const known = this.known.get(data);
    if (known?.name === name) return known.id;
    const id = super.idOf(name, data);
    this.known.set(data, { name, id });
    return id;
  }
}

/** As node/peer-node.ts opens a peer: of the log, the newest rows; of a witness, that there is one. */
export function bootOf(plan: PeerPlan, ids: MessageIds): Boot {
  const { losesRow, instances, acknowledgesFirst, ...fixed } = plan;
  return (found, guard, isNew, process) => {
    const rows = startRows(found, fixed.keepTerms).filter(([key]) => !losesRow(key));
    const verifier =
      process.thread === null ? fixed.verifier : new TimedVerifier(fixed.verifier, process.thread);
    const config = { ...fixed, verifier, instance: instances.bytes(16), fresh: isNew };
    const opened = openPeer(config, rows, guard);
    invariant(opened.ok, opened.ok ? "" : `${opened.error.code}: ${opened.error.detail}`);
    return machineOf(opened.value, ids, acknowledgesFirst ? hasty(process) : process);
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

/** A verifier whose every new question takes time; what it has judged it remembers, as the daemon's does. */
class TimedVerifier implements Verifier {
  private readonly memo = new VerdictMemo(VERIFIER_LIMITS.verdicts);

  constructor(
    private readonly judge: Verifier,
    private readonly thread: Thread,
  ) {}

  verify(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
    const key = verdictKey(publicKey, message, signature);
    const known = this.memo.get(key);
    if (known !== undefined) return known;
    this.thread.verify();
    const valid = this.judge.verify(publicKey, message, signature);
    this.memo.set(key, valid, true);
    return valid;
  }
}

/** Says of every operation that it is kept, before anybody has looked. */
const hasty = (process: Process): Process => ({
  ...process,
  offer(happening, bytes, settle) {
    const isTaken = process.offer(happening, bytes);
    settle?.("kept");
    return isTaken || happening.kind === "operation";
  },
});

function machineOf(peer: Peer, ids: MessageIds, process: Process): Machine {
  const gate = virtualGate({
    peer,
    verifier: peer.config.verifier,
    offer: (event, bytes, settle) => process.offer(event, bytes, settle),
    wallMs: () => process.wallMs(),
    steadyMs: () => process.steadyMs(),
    topics: ids,
    ...(process.thread === null ? {} : { turns: process.thread }),
  });
  const idOf = (topic: Topic, bytes: Bytes): string => idText(ids.idOf(ids.nameOf(topic), bytes));
  return {
    step: (event) => step(peer, event),
    receive({ from, topic, bytes, gossiped }, settle) {
      const id = gossiped ? idOf(topic, bytes) : null;
      gate.receive({ topic, raw: bytes, from, id }, ({ kind }) => settle(kind === "accept"));
    },
    reads: (from) => gate.waitingOf(from) < BEHIND_MESSAGES,
    published: (topic, bytes) => gate.remember(idOf(topic, bytes)),
    told(notices) {
      for (const notice of notices) {
        if (notice.kind === "notKept" && notice.why === "displaced") gate.forget(notice.bytes);
        if (notice.kind === "entry") gate.recheck();
      }
    },
    get height() {
      return peer.tip.height;
    },
    root: () => peer.tip.root,
    books: () => booksOf(peer.ledger),
    accounts: () => accountsOf(peer.ledger),
    trades: () => tradesIn(peer.ledger),
    budgets: () => budgetsIn(peer.ledger),
    nextNonce: (agent, lane) => peer.ledger.accountOf(agent)?.nonces[lane] ?? null,
    untouched: () => untouchedRows(peer.ledger),
    convicted: () =>
      [...peer.ledger.table(SLASHES).values()]
        .filter(({ type }) => FAULT_CLASS[type] === "A")
        .map(({ agent }) => agent),
  };
}
