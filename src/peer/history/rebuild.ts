// History made again: the log executed from genesis, as it was when it was final, and judged by the roots that it attests.
import { equalBytes, err, type Hash, ok, type Result } from "../../base/index.js";
import type { Verifier } from "../../crypto/index.js";
import { commitRows, type Genesis, type Ledger, networkOf } from "../../ledger/index.js";
import { createLedger, type EvidenceJudge, executeEntry } from "../../market/index.js";
import type { Electorate, LogEntry } from "../../quorum/index.js";
import { HONEST_CONDUCT } from "../conduct.js";
import { judgeOf } from "../conviction.js";
import { Effects } from "../effects.js";
import { contextOf, genesisTip, readOperations, tipOf } from "../execution.js";
import { electorateOf } from "../genesis-members.js";
import { OperationJudge } from "../operations.js";
import { keepOwnHistory, type OwnAgents } from "../own/history.js";
import type { Write } from "../ready.js";
import type { Tip } from "../state.js";
import { keepHistory } from "./history.js";

/** What an entry did, as rows. */
export interface Rebuilt {
  readonly height: number;
  readonly writes: readonly Write[];
}

/**
 * Takes a log from height 1 on, entry by entry. The rows of an entry are given out once a later header, or whoever knows the
 * root of the end, has attested the state after it: what another program would have executed otherwise is never written.
 */
export class Rebuild {
  private readonly ledger: Ledger;
  private readonly electorate: Electorate;
  private readonly judge: OperationJudge;
  private readonly judgeEvidence: EvidenceJudge;
  private tip: Tip;
  /** states that no header has attested yet, by height */
  private readonly roots = new Map<number, Hash>();
  private waiting: Rebuilt[] = [];

  /** @param agents whose own history is made */
  constructor(
    genesis: Genesis,
    private readonly agents: OwnAgents,
    verifier: Verifier,
  ) {
    const network = networkOf(genesis);
    this.ledger = createLedger(genesis);
    this.electorate = electorateOf(genesis);
    this.judge = new OperationJudge(network, genesis.params, verifier);
    this.judgeEvidence = judgeOf(this.electorate, network, genesis.params, verifier);
    const { root } = commitRows(this.ledger);
    this.tip = genesisTip(network.chain, genesis.timeMs, root);
    this.roots.set(0, root);
  }

  /** The next height. */
  get next(): number {
    return this.tip.height + 1;
  }

  /** The rows of entries that this one's header attests; or why this log is not the one that was executed here. */
  take(entry: LogEntry): Result<readonly Rebuilt[], string> {
    const { header } = entry;
    if (header.height !== this.next || !equalBytes(header.parent, this.tip.id))
      return err(`the entry of height ${header.height} does not follow that of height ${this.tip.height}`);
    const attested = this.attest(header.execHeight, header.execRoot);
    if (!attested.ok) return attested;
    const effects = new Effects();
    const { electorate, judgeEvidence, tip } = this;
    const context = contextOf({ electorate, judgeEvidence, tip }, header);
    const operations = readOperations(this.judge, entry);
    const outcome = executeEntry(this.ledger, context, operations, HONEST_CONDUCT);
    const { root } = commitRows(this.ledger);
    keepHistory({ header, outcome, ledger: this.ledger }, effects);
    keepOwnHistory({ agents: this.agents, ledger: this.ledger }, header, operations, outcome, effects);
    this.tip = tipOf(header, root);
    this.roots.set(header.height, root);
    this.waiting.push({ height: header.height, writes: effects.ready(null).persist });
    return attested;
  }

  /** The rows that are left, if the state after the last entry has this root. */
  end(root: Hash): Result<readonly Rebuilt[], string> {
    return this.attest(this.tip.height, root);
  }

  private attest(height: number, root: Hash): Result<readonly Rebuilt[], string> {
    const own = this.roots.get(height);
    if (own === undefined || !equalBytes(own, root))
      return err(`this program executes the log up to height ${height} to another state than was attested`);
    for (const known of this.roots.keys()) if (known < height) this.roots.delete(known);
    const [given, waiting] = [
      this.waiting.filter((one) => one.height <= height),
      this.waiting.filter((one) => one.height > height),
    ];
    this.waiting = waiting;
    return ok(given);
  }
}
