// What requests on their way through a gateway share.
import type { Agents } from "./agents.js";
import type { Ground } from "./attempt.js";
import type { HeldBodies } from "./body.js";
import type { Books } from "./books/books.js";
import type { Fallbacks } from "./fallback/chains.js";
import type { KeyWatch } from "./key-watch.js";
import type { NamedAgents } from "./named/named-agents.js";
import type { Once } from "./once.js";
import type { OutageWatch } from "./outage-watch.js";
import type { Passed } from "./passed.js";
import type { Prices } from "./prices/prices.js";
import type { SignedAgents } from "./signed-agent.js";
import type { Spending } from "./spending/spending.js";
import type { AtLedger } from "./waiting-requests.js";

export interface Place extends Ground {
  /** the credential that the upstream is given */
  readonly key: string;
  readonly keyWatch: KeyWatch;
  readonly outageWatch: OutageWatch;
  /** given once nothing new is begun */
  readonly stopping: Once;
  /** calls that no dialect knows are refused, not passed on */
  readonly isStrict: boolean;
  /** how much of all bodies is in memory */
  readonly bodies: HeldBodies;
  readonly agents: Agents;
  readonly named: NamedAgents;
  readonly signed: SignedAgents;
  readonly prices: Prices;
  readonly fallbacks: Fallbacks;
  readonly books: Books;
  readonly spending: Spending;
  /** those that wait for the ledger to begin */
  readonly atLedger: Set<AtLedger>;
  /** told of every request that asked for a turn, once it is over */
  over(passed: Passed): void;
}
