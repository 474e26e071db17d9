// Consent: whose word a budget needs beside its owner's, what it covers, and that it is judged with the operation's own signature.
import { describe, expect, it } from "vitest";
import { agentKey } from "../../node/crypto/signer.js";
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { equalBytes } from "../../src/base/index.js";
import { type BudgetTerms, LOCAL_TESTNET_PARAMS, type Network } from "../../src/ledger/index.js";
import {
  agreedBudget,
  encodeOperation,
  type OfferedBudget,
  signatureHolds,
  signOperation,
} from "../../src/market/index.js";
import { OperationJudge } from "../../src/peer/operations.js";

const key = (byte: number) => agentKey(new Uint8Array(32).fill(byte));
const [owner, child, other] = [key(1), key(2), key(3)];
const network: Network = { chain: new Uint8Array(32).fill(8), market: new Uint8Array(32).fill(9) };
const terms: BudgetTerms = { perAuction: 5n, perPeriod: 6n, total: 7n, untilMs: 8 };
const verifier = new SignatureVerifier();
const authority = { nonce: 0, fee: 1000n, validUntilMs: 1000 };

const offered = (part: Partial<OfferedBudget> = {}, on = network, by = owner): OfferedBudget => ({
  ...agreedBudget(on, by.publicKey, { terms, nth: 3 }, child),
  ...part,
});
const signed = (budget: OfferedBudget) =>
  signOperation(network, authority, { kind: "openBudget", ...budget }, owner);

describe("an opening", () => {
  it("holds with its child's consent, and asks about both signatures ahead", () => {
    const op = signed(offered());
    expect(signatureHolds(op, verifier)).toBe(true);
    const judge = new OperationJudge(network, LOCAL_TESTNET_PARAMS, verifier);
    const questions = judge.questionsOf([encodeOperation(op)]);
    expect(questions.map(({ key: by }) => by)).toEqual([owner.publicKey, child.publicKey]);
    expect(questions.every((one) => verifier.verify(one.key, one.digest, one.sig))).toBe(true);
    expect(judge.read(encodeOperation(op))).toMatchObject({ operation: { sig: op.sig } });
  });

  const wrong: readonly (readonly [string, OfferedBudget])[] = [
    ["another child", offered({ child: other.publicKey })],
    [
      "another's signature",
      offered({ consent: agreedBudget(network, owner.publicKey, { terms, nth: 3 }, other).consent }),
    ],
    ["more per auction", offered({ terms: { ...terms, perAuction: 6n } })],
    ["more per period", offered({ terms: { ...terms, perPeriod: 7n } })],
    ["more in all", offered({ terms: { ...terms, total: null } })],
    ["a later end", offered({ terms: { ...terms, untilMs: 9 } })],
    ["another number", offered({ nth: 4 })],
    ["another owner's", offered({}, network, other)],
    ["another network's", offered({}, { ...network, chain: new Uint8Array(32) })],
    ["another market's", offered({}, { ...network, market: new Uint8Array(32) })],
  ];
  it.each(wrong)("is none with a consent for %s", (_, budget) => {
    const op = signed(budget);
    expect(signatureHolds(op, verifier)).toBe(false);
    const judge = new OperationJudge(network, LOCAL_TESTNET_PARAMS, verifier);
    expect(judge.read(encodeOperation(op))).toBe("BAD_SIGNATURE");
    expect(judge.judgeEntry(500, [encodeOperation(op)])).toBe("BAD_SIGNATURE");
  });

  it("is none without its owner's signature, whoever agrees", () => {
    const op = signed(offered());
    const forged = { ...op, sig: signOperation(network, authority, op.body, other).sig };
    expect(equalBytes(forged.sig!, op.sig!)).toBe(false);
    expect(signatureHolds(forged, verifier)).toBe(false);
  });
});
