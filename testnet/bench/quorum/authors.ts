// The clients' accounts, and the transfers that they sign ahead of a measurement.
import { agentKey } from "../../../node/crypto/signer.js";
import { type Bytes, compareBytes } from "../../../src/base/index.js";
import { type AgentKey, taggedHash } from "../../../src/crypto/index.js";
import {
  encodeOperation,
  type Genesis,
  type Network,
  networkOf,
  signOperation,
} from "../../../src/ledger/index.js";
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
  private signed = 0;
  /** of a network of four members that begins now, in which the authors and the payee have accounts */
  readonly genesis: Genesis;
  private readonly network: Network;

  constructor() {
    const genesis = testnetGenesis(PLAN, Date.now());
    const funded = [...this.keys, this.payee].map(({ publicKey }) => ({ agent: publicKey, free: FUNDS }));
    const accounts = [...genesis.accounts, ...funded].sort((a, b) => compareBytes(a.agent, b.agent));
    this.genesis = { ...genesis, accounts };
    this.network = networkOf(this.genesis);
  }

  /** The next `count` transfers: of all authors in turn, each with its next nonce. */
  sign(count: number): Bytes[] {
    const { minFee, maxValidityMs } = this.genesis.params;
    const validUntilMs = Date.now() + Math.floor(maxValidityMs / 2);
    const body = { kind: "transfer", to: this.payee.publicKey, amount: 1n } as const;
    return Array.from({ length: count }, () => {
      const nonce = Math.floor(this.signed / AUTHORS);
      const key = this.keys[this.signed++ % AUTHORS]!;
      return encodeOperation(signOperation(this.network, { nonce, fee: minFee, validUntilMs }, body, key));
    });
  }
}
