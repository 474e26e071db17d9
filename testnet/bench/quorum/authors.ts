// The clients' accounts, and the transfers that they sign ahead of a measurement.
import { agentKey } from "../../../node/crypto/signer.js";
import { type Bytes, compareBytes } from "../../../src/base/index.js";
import { type AgentKey, taggedHash } from "../../../src/crypto/index.js";
import { type Genesis, type Network, networkOf } from "../../../src/ledger/index.js";
import { encodeOperation, signOperation } from "../../../src/market/index.js";
import { testnetGenesis } from "../../genesis.js";
import { planTestnet } from "../../plan.js";

export const SEATS = 4;
const SEED = 5;
/** Four members and nobody else. */
export const PLAN = planTestnet({ peers: SEATS, quorum: SEATS, agents: 0, seed: SEED });

/** Gossip lets an author relay five operations per second: so many of them are never the bottleneck. */
const AUTHORS = 1500;
const FUNDS = 1_000_000_000n;

export class Authors {
  private readonly keys: readonly AgentKey[] = Array.from({ length: AUTHORS }, (_, i) =>
    agentKey(taggedHash("key", Buffer.from(`bench/author/${i}`))),
  );
  /** to whom all transfers go */
  readonly payee: AgentKey = agentKey(taggedHash("key", Buffer.from("bench/payee")));
  private readonly ready: Bytes[] = [];
  private taken = 0;
  private count = 0;
  /** of a network of four members that begins now, in which the authors and the payee have accounts */
  readonly genesis: Genesis;
  private readonly network: Network;

  constructor() {
    const genesis = testnetGenesis(PLAN, Date.now());
    const funded = [...this.keys, this.payee].map(({ publicKey }) => ({
      agent: publicKey,
      free: FUNDS,
      stake: 0n,
    }));
    const accounts = [...genesis.accounts, ...funded].sort((a, b) => compareBytes(a.agent, b.agent));
    this.genesis = { ...genesis, accounts };
    this.network = networkOf(this.genesis);
  }

  /** Signs ahead, so that `count` transfers lie ready: of all authors in turn, each with its next nonce. */
  sign(count: number): this {
    this.ready.splice(0, this.taken);
    this.taken = 0;
    const validUntilMs = Date.now() + Math.floor(this.genesis.params.maxValidityMs / 2);
    while (this.ready.length < count) this.ready.push(this.signed(validUntilMs));
    return this;
  }

  /** The next transfer; what is handed out must be handed in, or its author's later ones wait for ever. */
  next(): Bytes {
    const operation = this.ready[this.taken++];
    if (operation === undefined) throw new Error("too few operations were signed ahead");
    return operation;
  }

  private signed(validUntilMs: number): Bytes {
    const body = { kind: "transfer", to: this.payee.publicKey, amount: 1n } as const;
    const nonce = Math.floor(this.count / AUTHORS);
    const key = this.keys[this.count++ % AUTHORS]!;
    const authority = { nonce, fee: this.genesis.params.minFee, validUntilMs };
    return encodeOperation(signOperation(this.network, authority, body, key));
  }
}
