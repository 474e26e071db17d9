// The agents that a testnet's peer takes into custody while it runs. Their keys follow from the seed and their names, which are kept.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isAgentName } from "../node/contract/index.js";
import { agentKey } from "../node/crypto/signer.js";
import type { Faucet } from "../node/faucet.js";
import { type Keyring, type KeyringFault, MAX_AGENTS_HELD } from "../node/keyring.js";
import type { Log } from "../node/log.js";
import { Newcomers } from "../node/newcomers.js";
import type { PeerNode } from "../node/peer-node.js";
import { readText } from "../node/text-file.js";
import { writeWhole } from "../node/whole-file.js";
import { type Hex, toHex } from "../src/base/index.js";
import type { AgentKey } from "../src/index.js";
import type { AgentId } from "../src/ledger/index.js";
import { addedKeySeed } from "./test-keys.js";

export interface AddedWorld {
  readonly seed: number;
  /** of the peer */
  readonly place: number;
  /** its data folder; null: names are not kept */
  readonly folder: string | null;
  readonly peer: Pick<PeerNode, "askFaucet" | "command" | "peer">;
  /** the agents that it holds from the beginning, by name */
  readonly planned: readonly { readonly name: string; readonly key: AgentKey }[];
  readonly faucet: Faucet;
  /** the peer that holds the faucet's key */
  readonly bank: Pick<PeerNode, "command">;
  readonly log: Log;
}

const keptNames = z.array(z.string().refine(isAgentName)).max(MAX_AGENTS_HELD);

export class AddedAgents implements Keyring {
  private readonly planned = new Map<string, AgentKey>();
  /** those that came at run time */
  private readonly keys = new Map<string, AgentKey>();
  private readonly newcomers: Newcomers;

  constructor(private readonly world: AddedWorld) {
    const { peer, bank, faucet, log } = world;
    const asking = {
      peer: peer.peer,
      askFaucet: peer.askFaucet.bind(peer),
      command: bank.command.bind(bank),
    };
    this.newcomers = new Newcomers(asking, faucet, log);
    for (const { name, key } of world.planned) this.planned.set(name, key);
  }

  /** Takes those of an earlier run in again: what they have promised goes on. */
  async resume(): Promise<void> {
    const file = this.file;
    if (file === null || !existsSync(file)) return;
    for (const name of keptNames.parse(JSON.parse(readText(file))))
      await this.world.peer.command({ kind: "holdAgent", key: this.make(name) });
  }

  names(): ReadonlyMap<Hex, string> {
    return new Map([...this.planned, ...this.keys].map(([name, { publicKey }]) => [toHex(publicKey), name]));
  }

  async open(name: string): Promise<AgentKey | KeyringFault> {
    const known = this.planned.get(name) ?? this.keys.get(name);
    if (known !== undefined) return known;
    if (this.keys.size >= MAX_AGENTS_HELD) return "AGENTS_FULL";
    const key = this.make(name);
    if (this.file !== null) await writeWhole(this.file, `${JSON.stringify([...this.keys.keys()])}\n`);
    return key;
  }

  welcome(agent: AgentId): void {
    this.newcomers.add(agent);
  }

  close(): void {
    this.newcomers.stop();
  }

  private get file(): string | null {
    return this.world.folder === null ? null : join(this.world.folder, "agents.json");
  }

  private make(name: string): AgentKey {
    const key = agentKey(addedKeySeed(this.world.seed, this.world.place, name));
    this.keys.set(name, key);
    return key;
  }
}
