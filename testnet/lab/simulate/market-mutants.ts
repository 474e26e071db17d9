// Broken rules of auctions, fees and stake.
import { ACCOUNTS, type Ledger } from "../../../src/ledger/index.js";
import { PHASE_RULES } from "../../../src/market/auction/phase-rules.js";
import { laneOf, OPERATION_RULES, type Operation } from "../../../src/market/index.js";
import { acts, forgives, type Mutant } from "./mutant.js";

export const MARKET_MUTANTS = {
  "leader-counted-before-operations": acts(
    "an entry's leader counts before its phases and operations (spec/money#X1)",
    "led",
    { phases: { ...PHASE_RULES, course: ["leader", "phases", "operations"] } },
  ),
  "counted-without-knowing-the-phase": acts(
    "a leader counts although it could not know the phase (spec/auctions#C1)",
    "window",
    { phases: { ...PHASE_RULES, leaderKnew: () => true } },
  ),
  "reveal-before-finality": acts(
    "bids are opened when the close has come by one's own clock, final or not (spec/auctions#R4)",
    "secrecy",
    {
      mayOpenBids: ({ phase }, nowMs) =>
        phase.kind === "reveal" ||
        (phase.kind === "open" && phase.closeMs !== null && nowMs >= phase.closeMs),
    },
  ),
  "reveal-ends-unshown": acts(
    "REVEAL ends once F+1 leaders know it, shown or not (spec/auctions#P5)",
    "led",
    {
      phases: { ...PHASE_RULES, revealEndMs: ({ timeMs }) => timeMs },
    },
  ),
  "outage-eats-a-phase": acts("windows run on while no entry is made (ADR 0029)", "outage", {
    phases: { ...PHASE_RULES, clockAfter: (clock) => clock },
  }),
  "deposit-kept": acts("the deposit of an auction that is forgotten does not return (ADR 0028)", "deposit", {
    phases: { ...PHASE_RULES, returnsDeposit: () => false },
  }),
  "void-by-the-settling-entry": acts(
    "a lot is void if it has lapsed by when an entry happens to settle it (ADR 0027)",
    "outcome",
    { phases: { ...PHASE_RULES, dueMs: (_closeMs, { timeMs }) => timeMs } },
  ),
  "reveal-room-counts-nothing": acts(
    "bids are taken whether they can be revealed or not (ADR 0026)",
    "room",
    forgives("REVEAL_CAPACITY_EXCEEDED"),
  ),
  "reveal-room-for-nothing": acts(
    "room for reveals costs the least fee to its last place (ADR 0045)",
    "room",
    forgives("REVEAL_ROOM_FEE_TOO_LOW"),
  ),
  "unpayable-uses-its-nonce": acts(
    "an operation whose fee cannot be paid uses up its nonce (ADR 0030)",
    "nonce",
    {
      operations: {
        ...OPERATION_RULES,
        standingFault(ledger, op, at) {
          const fault = OPERATION_RULES.standingFault(ledger, op, at);
          if (fault?.code === "FUNDS_TOO_LOW") useNonce(ledger, op);
          return fault;
        },
      },
    },
  ),
  "unbonds-what-a-lien-holds": acts(
    "stake is withdrawn whether a lien holds it or not (spec/money#S8)",
    "non-negative",
    forgives("FREE_STAKE_TOO_LOW"),
  ),
  "released-before-its-time": acts("withdrawn stake is free at once (spec/money#S9)", "unbonding", {
    stake: { freeUpToMs: () => Number.MAX_SAFE_INTEGER },
  }),
} as const satisfies Record<string, Mutant>;

function useNonce(ledger: Ledger, { authority, body }: Operation): void {
  const account = authority === null ? null : ledger.accountOf(authority.from);
  if (account === null) return;
  const lane = laneOf(body.kind);
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.nonces = { ...one.nonces, [lane]: one.nonces[lane] + 1 };
  });
}
