// The plan of a testnet: how many of what, who holds which key, and where. Everything follows from five numbers.
import { agentKey } from "../node/crypto/signer.js";
import type { AgentKey, Bytes } from "../src/index.js";
import { isSeed, testKeySeed } from "./test-keys.js";

export interface TestnetSize {
  /** 1..128 */
  readonly peers: number;
  /** seats of the quorum, held by the first peers: 1..peers, at most 128 */
  readonly quorum: number;
  /** demo agents, beside each peer's guest: 0, or 2..256 so that there is someone to sell and someone to bid */
  readonly agents: number;
  readonly seed: number;
}

export const DEFAULT_PEERS = 8;
export const DEFAULT_AGENTS = 12;
/** Seats where nobody asks for another number. */
export const defaultQuorum = (peers: number): number => Math.min(7, peers);
export const MAX_PEERS = 128;
export const MAX_AGENTS = 256;
const MAX_SELLERS = 3;
/** Of so many demo agents one sells. */
const AGENTS_PER_SELLER = 4;

const CREDIT = 1_000_000n;
export const TRADER_FUNDS = 10_000n * CREDIT;
/** Behind all sales that a seller has at once, and all asks of a bidder. */
export const TRADER_STAKE = 10_000n * CREDIT;
export const GUEST_FUNDS = 800n * CREDIT;
export const GUEST_STAKE = 200n * CREDIT;
export const FAUCET_FUNDS = 1_000n * CREDIT;
/** What a newcomer is given: free, and as stake. */
export const FAUCET_GRANT = 100n * CREDIT;
export const FAUCET_STAKE = 100n * CREDIT;
/** Half of all that a network can ever hold. */
export const FAUCET_ALLOWANCE = 4_500_000_000n * CREDIT;
export const SEAT_BOND = 1_000n * CREDIT;
/** Of a seat's owner, beside its bond: for the fees of its votes. */
const JUROR_FUNDS = 100n * CREDIT;

/** A peer's `guest` acts for people who name no agent; it does nothing by itself. A `juror` owns the seat of its peer. */
export type AgentRole = "guest" | "seller" | "bidder" | "juror";

export interface PlannedAgent {
  readonly name: string;
  readonly role: AgentRole;
  /** position among those of its role, from 0 */
  readonly place: number;
  /** index of the peer that holds its key */
  readonly peer: number;
  readonly key: AgentKey;
  /** the secret half of the key: a TEST KEY, publicly known */
  readonly keySeed: Bytes;
  readonly funds: bigint;
  readonly stake: bigint;
}

export interface PlannedPeer {
  readonly name: string;
  readonly peerSeed: Bytes;
  /** null: a peer without a seat */
  readonly consensusSeed: Bytes | null;
}

export interface TestnetPlan extends TestnetSize {
  readonly peerPlans: readonly PlannedPeer[];
  readonly seatOwners: readonly AgentKey[];
  readonly agentPlans: readonly PlannedAgent[];
  /** held by peer 0 */
  readonly faucet: AgentKey;
  /** the secret half of the faucet's key: a TEST KEY, publicly known */
  readonly faucetSeed: Bytes;
}

/** What is wrong with the numbers, as a sentence for whoever typed them; null: nothing. */
export function sizeFault({ peers, quorum, agents, seed }: TestnetSize): string | null {
  const whole = (value: number, least: number, most: number): boolean =>
    Number.isInteger(value) && value >= least && value <= most;
  if (!whole(peers, 1, MAX_PEERS)) return `peers must be 1 to ${MAX_PEERS}, not ${peers}`;
  if (!whole(quorum, 1, peers)) return `quorum must be 1 to the number of peers (${peers}), not ${quorum}`;
  if (agents !== 0 && !whole(agents, 2, MAX_AGENTS))
    return `agents must be 0, or 2 to ${MAX_AGENTS}, not ${agents}`;
  if (!isSeed(seed)) return `seed must be an integer from 0 to 2^53 - 1, not ${seed}`;
  return null;
}

/** @throws RangeError with `sizeFault`'s sentence */
export function planTestnet(size: TestnetSize): TestnetPlan {
  const fault = sizeFault(size);
  if (fault !== null) throw new RangeError(fault);
  const { peers, quorum, seed } = size;
  const faucetSeed = testKeySeed(seed, "faucet", 0);
  const agentPlans = planAgents(size);
  return {
    ...size,
    peerPlans: Array.from({ length: peers }, (_, i) => ({
      name: `peer-${i}`,
      peerSeed: testKeySeed(seed, "peer", i),
      consensusSeed: i < quorum ? testKeySeed(seed, "seat", i) : null,
    })),
    seatOwners: agentPlans.flatMap(({ role, key }) => (role === "juror" ? [key] : [])),
    agentPlans,
    faucet: agentKey(faucetSeed),
    faucetSeed,
  };
}

/** A guest at each peer, then sellers and bidders, dealt out to the peers in turn, then a juror at each peer with a seat. */
function planAgents({ peers, quorum, agents, seed }: TestnetSize): readonly PlannedAgent[] {
  const sellers =
    agents === 0 ? 0 : Math.max(1, Math.min(MAX_SELLERS, Math.floor(agents / AGENTS_PER_SELLER)));
  const planned = (
    role: AgentRole,
    place: number,
    peer: number,
    keySeed: Bytes,
    [funds, stake]: readonly [funds: bigint, stake: bigint],
  ): PlannedAgent => ({
    name: `${role}-${place}`,
    role,
    place,
    peer,
    key: agentKey(keySeed),
    keySeed,
    funds,
    stake,
  });
  const guests = Array.from({ length: peers }, (_, i) =>
    planned("guest", i, i, testKeySeed(seed, "guest", i), [GUEST_FUNDS, GUEST_STAKE]),
  );
  const traders = Array.from({ length: agents }, (_, i) => {
    const keySeed = testKeySeed(seed, "agent", i);
    const peer = i % peers;
    const opening = [TRADER_FUNDS, TRADER_STAKE] as const;
    return i < sellers
      ? planned("seller", i, peer, keySeed, opening)
      : planned("bidder", i - sellers, peer, keySeed, opening);
  });
  const jurors = Array.from({ length: quorum }, (_, i) =>
    planned("juror", i, i, testKeySeed(seed, "seat-owner", i), [JUROR_FUNDS, 0n]),
  );
  return [...guests, ...traders, ...jurors];
}

/** What the testnet's faucet gives a newcomer. */
export const faucetOf = ({ faucet }: Pick<TestnetPlan, "faucet">) =>
  ({ granter: faucet.publicKey, free: FAUCET_GRANT, stake: FAUCET_STAKE }) as const;
