// A testnet's genesis: the plan's seats, funds and faucet, under the local testnet's parameters.
import { agentKey } from "../node/crypto/signer.js";
import { compareBytes } from "../src/base/index.js";
import { type Genesis, genesisFault } from "../src/ledger/genesis.js";
import { LOCAL_TESTNET_PARAMS, type Params } from "../src/ledger/params.js";
import type { Windows } from "./agents/seller.js";
import { FAUCET_ALLOWANCE, FAUCET_FUNDS, SEAT_BOND, type TestnetPlan } from "./plan.js";

/** The times of demo auctions. */
export const demoWindows = (params: Params): Windows => ({
  commitMs: params.defaultCommitMs,
  revealMs: params.defaultRevealMs,
  deliverMs: params.defaultDeliverMs,
  settleMs: params.defaultSettleMs,
});

/** A testnet that stays has people among its jurors, who read a dispute before they vote. */
export const PEOPLES_PARAMS: Params = { ...LOCAL_TESTNET_PARAMS, verdictMs: 120_000 };

/**
 * The genesis of a network that begins at `timeMs` (ms since 1970). The time is part of the chain's name: a network
 * that starts anew with an old seed, and so with old keys, must not take the votes of its predecessor for its own.
 */
export function testnetGenesis(
  plan: TestnetPlan,
  timeMs: number,
  params: Params = LOCAL_TESTNET_PARAMS,
): Genesis {
  const seats = plan.peerPlans.flatMap(({ consensusSeed }, seat) =>
    consensusSeed === null
      ? []
      : [
          {
            key: agentKey(consensusSeed).publicKey,
            agent: plan.seatOwners[seat]!.publicKey,
            bond: SEAT_BOND,
          },
        ],
  );
  const accounts = [
    ...plan.agentPlans.map(({ key, funds, stake }) => ({ agent: key.publicKey, free: funds, stake })),
    { agent: plan.faucet.publicKey, free: FAUCET_FUNDS, stake: 0n },
  ];
  const genesis: Genesis = {
    v: 1,
    name: `testnet-${plan.seed}`,
    timeMs,
    params,
    seats: seats.sort((a, b) => compareBytes(a.key, b.key)),
    accounts: accounts.sort((a, b) => compareBytes(a.agent, b.agent)),
    granters: [{ agent: plan.faucet.publicKey, allowance: FAUCET_ALLOWANCE }],
  };
  const fault = genesisFault(genesis);
  if (fault !== null) throw new RangeError(`a testnet's genesis is refused: ${fault.message}`);
  return genesis;
}
