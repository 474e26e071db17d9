// The agents that a peer takes into custody while it runs, by name: where their keys come from, and who is told.
import { type Hex, toHex } from "../src/base/index.js";
import type { AgentKey } from "../src/index.js";
import type { AgentId } from "../src/ledger/index.js";
import { type KeySources, openAgentKey } from "./daemon-keys.js";
import { type KeyEntry, listKeys } from "./keys/index.js";

/** Why a name takes no agent. */
export type KeyringFault = "AGENT_NAME_TAKEN" | "AGENTS_FULL";

export interface Keyring {
  /** the names of the agents whose keys it has, by id */
  names(): ReadonlyMap<Hex, string>;
  /** The key of this name, made the first time. @throws KeyError */
  open(name: string): Promise<AgentKey | KeyringFault>;
  /** told of each agent that has come into custody */
  welcome(agent: AgentId): void;
}

/** Each key costs some tenths of a second at a start, one after the other. */
export const MAX_AGENTS_HELD = 64;
/** Of the gateway's named agents: their keys lie in the same folder, and their budgets are its own. */
const OF_GATEWAY = "gateway-";

/** What a folder with these keys has against a further agent; null: nothing. */
export function keyringFault(
  keys: readonly Pick<KeyEntry, "name" | "kind">[],
  name: string,
): KeyringFault | null {
  const there = keys.find((one) => one.name === name);
  if (name.startsWith(OF_GATEWAY) || (there !== undefined && there.kind !== "agent"))
    return "AGENT_NAME_TAKEN";
  const agents = keys.filter((one) => one.kind === "agent" && !one.name.startsWith(OF_GATEWAY));
  return there === undefined && agents.length >= MAX_AGENTS_HELD ? "AGENTS_FULL" : null;
}

/** The keys of a daemon's folder. Each is opened once, and one at a time: a name asked for twice at once is made once. */
export class FolderKeyring implements Keyring {
  private readonly opened = new Map<string, AgentKey>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly sources: KeySources,
    readonly welcome: (agent: AgentId) => void,
  ) {}

  names(): ReadonlyMap<Hex, string> {
    const agents = listKeys(this.sources.folder).filter(({ kind }) => kind === "agent");
    return new Map(agents.map(({ name, publicKey }) => [toHex(publicKey), name]));
  }

  open(name: string): Promise<AgentKey | KeyringFault> {
    const key = this.turn.then(() => this.openNow(name));
    this.turn = key.catch(() => undefined);
    return key;
  }

  private async openNow(name: string): Promise<AgentKey | KeyringFault> {
    const known = this.opened.get(name);
    if (known !== undefined) return known;
    const fault = keyringFault(listKeys(this.sources.folder), name);
    if (fault !== null) return fault;
    const { key } = await openAgentKey(this.sources, name);
    this.opened.set(name, key);
    return key;
  }
}
