// What a gateway that shares its key needs of the daemon that it lives in.
import type { AgentId } from "../../../src/ledger/index.js";
import type { Command, CommandResult } from "../../../src/peer/event.js";
import type { Peer } from "../../../src/peer/index.js";

export interface PeerSide {
  /** the protocol's own peer, as it is now */
  readonly state: Peer;
  /** whose leases it uses, and who buys and sells */
  readonly agent: AgentId;
  /** false: this machine's clock is further from others' than honest ones are, and says nothing of leases */
  readonly isClockRight: boolean;
  /** ms since 1970 */
  nowMs(): number;
  command(command: Command): Promise<CommandResult>;
}
