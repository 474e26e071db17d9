// The rulebook of money and evidence: transfers, grants, and convictions.
import { isSmallOrder } from "../crypto/index.js";
import { ACCOUNTS, newAccount } from "./account.js";
import { type Rejection, reject } from "./context.js";
import type { Ledger } from "./ledger.js";
import { credit, debit, mint } from "./money.js";
import { GRANTERS, SLASHES } from "./records.js";
import type { Rule, Rulebook } from "./rulebook.js";
import { fundsAreFree } from "./sender.js";
import { applySlash, changesNothing, slashPath } from "./slashing.js";

const amountIsPositive = (_: Ledger, body: { readonly amount: bigint }): Rejection | null =>
  body.amount > 0n ? null : reject("AMOUNT_ZERO");

/** Only a grant makes an account: a new name must cost somebody something. */
const recipientIsKnown: Rule<"transfer"> = (ledger, body) =>
  ledger.accountOf(body.to) === null ? reject("RECIPIENT_UNKNOWN") : null;

const amountIsFree: Rule<"transfer"> = (ledger, body, by) => fundsAreFree(ledger, by, body.amount);

const senderIsGranter: Rule<"grant"> = (ledger, _, by) =>
  ledger.table(GRANTERS).has(by.from) ? null : reject("NOT_A_GRANTER");

const allowanceCovers: Rule<"grant"> = (ledger, body, by) => {
  const remaining = ledger.get(GRANTERS, by.from)?.remaining ?? 0n;
  return body.amount <= remaining ? null : reject("ALLOWANCE_EXCEEDED", { remaining: remaining.toString() });
};

/** Anyone could sign for a key of small order (spec/encoding#S2). */
const recipientKeyIsSound: Rule<"grant"> = (_, body) =>
  isSmallOrder(body.to) ? reject("RECIPIENT_KEY_UNSOUND") : null;

const evidenceConvicts: Rule<"evidence"> = (ledger, body, _, at) => {
  const conviction = at.judgeEvidence(body.evidence);
  return conviction !== null && ledger.accountOf(conviction.agent) !== null
    ? null
    : reject("EVIDENCE_INVALID");
};

const convictionIsNew: Rule<"evidence"> = (ledger, body, _, at) => {
  const conviction = at.judgeEvidence(body.evidence)!;
  const { epoch, term } = conviction;
  return ledger.table(SLASHES).has(slashPath(conviction)) ? reject("EVIDENCE_USED", { epoch, term }) : null;
};

const somethingFollows: Rule<"evidence"> = (ledger, body, _, at) =>
  changesNothing(ledger, at.judgeEvidence(body.evidence)!, at.timeMs) ? reject("NOTHING_TO_SLASH") : null;

export const LEDGER_RULES: Rulebook<"transfer" | "grant" | "evidence"> = {
  transfer: {
    rules: [amountIsPositive, recipientIsKnown, amountIsFree],
    effect(ledger, body, by) {
      debit(ledger, ledger.accountOf(by.from)!, body.amount);
      credit(ledger, ledger.accountOf(body.to)!, body.amount);
    },
  },
  grant: {
    rules: [amountIsPositive, senderIsGranter, allowanceCovers, recipientKeyIsSound],
    effect(ledger, body, by) {
      ledger.change(GRANTERS, by.from, (granter) => {
        granter.remaining -= body.amount;
      });
      if (ledger.accountOf(body.to) === null) ledger.put(ACCOUNTS, body.to, newAccount(body.to, 0n));
      mint(ledger, ledger.accountOf(body.to)!, body.amount);
    },
  },
  evidence: {
    rules: [evidenceConvicts, convictionIsNew, somethingFollows],
    effect(ledger, body, _, at) {
      const conviction = at.judgeEvidence(body.evidence)!;
      applySlash(ledger, ledger.accountOf(conviction.agent)!, conviction, at);
    },
  },
};
