// Admission of bids as every peer does it, and the bare verification of the very same signatures.
import { nativeVerification } from "../../../node/crypto/native.js";
import { agentKey } from "../../../node/crypto/signer.js";
import { SignatureVerifier } from "../../../node/crypto/verifier.js";
import type { Bytes } from "../../../src/base/index.js";
import { type Ledger, type Network, NONCE_WINDOW, networkOf } from "../../../src/ledger/index.js";
import {
  createLedger,
  decodeOperation,
  encodeOperation,
  judgeAdmission,
  operationId,
  signatureHolds,
  signOperation,
} from "../../../src/market/index.js";
import { testnetGenesis } from "../../genesis.js";
import { MAX_AGENTS, planTestnet } from "../../plan.js";
import { bidBody } from "../bids.js";
import { costOf } from "../cost.js";

const BIDS_EACH = 48;
/** Bids in one measurement. */
const SLICE = 1024;

interface Signed {
  readonly raw: Bytes;
  readonly id: Bytes;
  readonly sig: Bytes;
  readonly key: Bytes;
}

export async function open() {
  const plan = planTestnet({ peers: 1, quorum: 1, agents: MAX_AGENTS, seed: 1 });
  const genesis = testnetGenesis(plan, Date.now());
  const ledger = createLedger(genesis);
  const bids = signedBids(
    plan.agentPlans.map(({ keySeed }) => keySeed),
    networkOf(genesis),
  );
  const verifier = new SignatureVerifier();
  let admitted = 0;
  let verified = 0;
  // Keys are cached on both sides before anything is measured, and the code is warm.
  admitAll(take(bids, admitted, SLICE), ledger, verifier);
  admitted += SLICE;
  verifyAll(take(bids, verified, SLICE));
  verified += SLICE;
  return {
    jobs: {
      /** CPU ms for each of `SLICE` bids that this process has never met */
      async admit(_: null): Promise<number> {
        const slice = take(bids, admitted, SLICE);
        admitted += SLICE;
        const { cpuMs } = await costOf(() => admitAll(slice, ledger, verifier));
        return cpuMs / SLICE;
      },
      async verify(_: null): Promise<number> {
        const slice = take(bids, verified, SLICE);
        verified += SLICE;
        return (await costOf(() => verifyAll(slice))).cpuMs / SLICE;
      },
    },
    close: () => verifier.close(),
  };
}

function signedBids(seeds: readonly Bytes[], network: Network): readonly Signed[] {
  const validUntilMs = Date.now() + 600_000;
  const signers = seeds.map(agentKey);
  const bids: Signed[] = [];
  for (let nonce = 0; nonce < Math.min(BIDS_EACH, NONCE_WINDOW); nonce++) {
    for (const signer of signers) {
      const op = signOperation(network, { nonce, fee: 1000n, validUntilMs }, bidBody(nonce), signer);
      bids.push({ raw: encodeOperation(op), id: operationId(op), sig: op.sig!, key: signer.publicKey });
    }
  }
  return bids;
}

function take(bids: readonly Signed[], from: number, count: number): readonly Signed[] {
  if (from + count > bids.length) throw new RangeError("no bid is left that was not met before");
  return bids.slice(from, from + count);
}

/**
 * Decode, check, hash, verify, as for every operation from the network (spec/network#admission), on one thread: a peer's gate
 * spreads verifications over the thread pool, which takes turns on the clock for some CPU time.
 */
function admitAll(bids: readonly Signed[], ledger: Ledger, verifier: SignatureVerifier): void {
  for (const { raw } of bids) {
    const decoded = decodeOperation(raw);
    if (!decoded.ok) throw new Error(`a good bid does not decode: ${decoded.error.code}`);
    const op = decoded.value;
    const admission = judgeAdmission(ledger, op, Date.now());
    if (admission.kind !== "accept") throw new Error(`a good bid is refused: ${admission.rejection.code}`);
    if (!signatureHolds(op, verifier)) throw new Error("a good bid's signature is refused");
  }
}

const bare = nativeVerification(MAX_AGENTS);

function verifyAll(bids: readonly Signed[]): void {
  for (const { id, key, sig } of bids) {
    if (!bare.accepts(key, id, sig)) throw new Error("a good signature is refused");
  }
}
