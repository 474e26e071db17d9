// A testnet funds newcomers: for each own agent without an account its faucet is asked until there is one, or nobody will.
import type { Hex } from "../src/base/index.js";
import { toHex } from "../src/base/index.js";
import type { AgentId } from "../src/ledger/index.js";
import { GRANTERS } from "../src/market/index.js";
import { messageOf } from "./accident.js";
import type { Faucet } from "./faucet.js";
import type { Log } from "./log.js";
import type { PeerNode } from "./peer-node.js";

const EVERY_MS = 2000;
const ATTEMPTS = 30;
/** A peer that has the faucet itself grants anew only once a grant has had so many turns to become final. */
const OWN_EVERY = 15;

export class Newcomers {
  private readonly asking = new Map<Hex, NodeJS.Timeout>();

  /** @param own the faucet, where this peer has it itself */
  constructor(
    private readonly node: Pick<PeerNode, "askFaucet" | "command" | "peer">,
    private readonly own: Faucet | null,
    private readonly log: Log,
  ) {}

  /** Asks for this agent, unless that goes on already. */
  add(agent: AgentId): void {
    const id = toHex(agent);
    if (this.asking.has(id)) return;
    let asked = 0;
    const turn = (): void => {
      const { ledger } = this.node.peer;
      const isOver =
        ledger.accountOf(agent) !== null || ledger.table(GRANTERS).size === 0 || asked === ATTEMPTS;
      if (isOver) this.end(id);
      else this.ask(agent, asked++);
    };
    this.asking.set(id, setInterval(turn, EVERY_MS));
    turn();
  }

  stop(): void {
    for (const id of [...this.asking.keys()]) this.end(id);
  }

  private end(id: Hex): void {
    clearInterval(this.asking.get(id));
    this.asking.delete(id);
  }

  private ask(agent: AgentId, nth: number): void {
    if (this.own !== null && nth % OWN_EVERY !== 0) return;
    const answer = this.own === null ? this.node.askFaucet(agent) : this.grant(agent, this.own);
    answer.then(
      (code) => this.log.info({ code }, "asked the faucet"),
      (error: unknown) => this.log.warn({ why: messageOf(error) }, "could not ask the faucet"),
    );
  }

  private async grant(to: AgentId, { granter, free, stake }: Faucet): Promise<string> {
    const result = await this.node.command({ kind: "grant", from: granter, to, free, stake });
    return result.ok ? "ACCEPTED" : result.refusal.code;
  }
}
