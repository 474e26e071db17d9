// How a peer stands: its mode, whether it is ready, and what its owner should know, from a reading of it.
import type { Peer } from "../../src/peer/index.js";
import type { ClockDistance } from "../clock-distance.js";
import type { KeyCustody, NodeView, Readiness } from "../contract/index.js";
import type { EclipseAlarm } from "../net/index.js";

/** What the standing of a peer follows from. */
export interface Reading {
  /** why it does not vote */
  readonly halted: Peer["halted"];
  /** of its newest entry */
  readonly height: number;
  readonly timeMs: number;
  readonly nowMs: number;
  /** what certificates have shown; null: nobody is connected who could show more */
  readonly networkHeight: number | null;
  readonly isBehind: boolean;
  /** it is the whole quorum, and needs nobody to go on */
  readonly isAlone: boolean;
  readonly members: number;
  readonly tolerance: number;
  readonly clock: ClockDistance | null;
  readonly eclipse: EclipseAlarm | null;
  readonly keys: KeyCustody;
  readonly persistent: boolean;
}

type Mode = NodeView["mode"];

const STANDING: Partial<Record<Mode, string>> = {
  "catching-up": "this peer is behind: balances and auctions are those of its height, not of now",
  isolated: "no peer is connected: nothing new is heard, and nothing is published",
  stalled: "the log has not moved for a while: operations wait until it does",
};

const ECLIPSE: Readonly<Record<EclipseAlarm, string>> = {
  SILENCE: "peers are connected but bring no final entry: this peer may be eclipsed, and dials all it knows",
};

const EXPOSURE: Readonly<Record<KeyCustody, string | null>> = {
  encrypted: null,
  "passphrase-beside":
    "the keys are encrypted, but their passphrase lies beside them: whoever reads the folder can sign",
  plain: "the keys lie unencrypted on disk",
  public: "these are test keys, publicly known: nothing of worth may ever be held by them",
};

const HALTED: Readonly<Record<NonNullable<Peer["halted"]>, string>> = {
  amnesia: "this seat signs nothing, since it may have forgotten what it signed: see `mabeam quorum status`",
  fork: "two conflicting finalisations were seen: this peer has stopped for ever",
  corrupt: "the state here differs from the quorum's: move the store aside and restart",
};

/** Without a new entry for so long the log stands still, or this peer does not hear of it. */
const STALLED_AFTER_MS = 15_000;

export function modeOf(one: Reading): Mode {
  if (one.halted === "fork") return "forked";
  if (one.halted !== null) return one.halted;
  if (one.networkHeight === null && !one.isAlone) return "isolated";
  if (one.height === 0) return "starting";
  if (one.isBehind) return "catching-up";
  // A clock that is off says nothing of the log: what it is off by is taken away, and told in a warning of its own.
  const ageMs = one.nowMs - (one.clock?.aheadMs ?? 0) - one.timeMs;
  return ageMs > STALLED_AFTER_MS ? "stalled" : "ready";
}

export const readinessOf = (mode: Mode): Readiness =>
  mode === "ready" ? { ready: true, missing: [] } : { ready: false, missing: [mode] };

export const warningsOf = (one: Reading): string[] =>
  [
    STANDING[modeOf(one)],
    one.eclipse && ECLIPSE[one.eclipse],
    one.clock?.message,
    one.tolerance === 0 ? `a quorum of ${one.members} tolerates no Byzantine member` : null,
    EXPOSURE[one.keys],
    one.persistent ? null : "nothing is kept on disk: what this peer knows ends with it",
    one.halted && HALTED[one.halted],
  ].filter((warning) => warning != null);
