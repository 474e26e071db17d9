// How a peer stands, as its status and readiness say it: by what its log shows, whatever its own clock does.
import { describe, expect, it } from "vitest";
import { modeOf, type Reading, readinessOf, warningsOf } from "../../../node/api/standing.js";
import { isFarBehind } from "../../../node/behind.js";

const START_MS = 1_800_000_000_000;
const LIMIT_MS = 15_000;

interface Standing extends Partial<Reading> {
  readonly shown?: number;
  /** wall time since the newest entry was made */
  readonly ageMs?: number;
  /** what the peer has found out about its clock */
  readonly aheadMs?: number | null;
}

/** A connected peer of a quorum of four, without a seat. */
function reading({ ageMs = 0, aheadMs = null, ...standing }: Standing): Reading {
  const { height = 20, shown = height } = standing;
  return {
    halted: null,
    height,
    timeMs: START_MS,
    nowMs: START_MS + ageMs,
    networkHeight: shown,
    isBehind: isFarBehind(shown, height),
    isAlone: false,
    members: 4,
    tolerance: 1,
    clock: aheadMs === null ? null : { aheadMs, message: "the clock is off" },
    eclipse: null,
    keys: "encrypted",
    persistent: true,
    ...standing,
  };
}

const missingOf = (standing: Standing): readonly string[] => readinessOf(modeOf(reading(standing))).missing;

describe("a peer", () => {
  it.each<[Standing, readonly string[]]>([
    [{ ageMs: LIMIT_MS }, []],
    [{ ageMs: LIMIT_MS + 1 }, ["stalled"]],
    [{ networkHeight: null }, ["isolated"]],
    [{ networkHeight: null, isAlone: true }, []],
    [{ height: 0 }, ["starting"]],
    [{ shown: 28 }, []],
    [{ shown: 29 }, ["catching-up"]],
    [{ halted: "amnesia", networkHeight: null }, ["amnesia"]],
    [{ halted: "fork", shown: 29 }, ["forked"]],
    [{ halted: "corrupt" }, ["corrupt"]],
  ])("%j lacks %j", (standing, missing) => expect(missingOf(standing)).toEqual(missing));

  it.each([
    ["fast", 120_000, 120_000, []],
    ["fast, and the log stands still", 120_000, 120_000 + LIMIT_MS + 1, ["stalled"]],
    ["slow", -30_000, -30_000, []],
    ["slow, and the log stands still", -30_000, -30_000 + LIMIT_MS + 1, ["stalled"]],
  ])("whose clock is %s by %i ms, %i ms from its newest entry, lacks %j", (_how, aheadMs, ageMs, missing) => {
    expect(missingOf({ aheadMs, ageMs })).toEqual(missing);
  });

  it.each<[Standing, readonly RegExp[]]>([
    [{}, []],
    [{ shown: 29 }, [/balances and auctions are those of its height/]],
    [{ networkHeight: null }, [/no peer is connected/]],
    [{ ageMs: LIMIT_MS + 1 }, [/the log has not moved/]],
    [{ eclipse: "SILENCE", aheadMs: 120_000 }, [/may be eclipsed/, /the clock is off/]],
    [{ tolerance: 0, members: 3 }, [/a quorum of 3 tolerates no Byzantine member/]],
    [{ keys: "plain", persistent: false }, [/unencrypted on disk/, /nothing is kept on disk/]],
    [{ keys: "public" }, [/test keys, publicly known/]],
    [{ keys: "passphrase-beside" }, [/their passphrase lies beside them/]],
    [{ halted: "amnesia" }, [/signs nothing/]],
    [{ halted: "fork" }, [/two conflicting finalisations/]],
    [{ halted: "corrupt" }, [/differs from the quorum's/]],
  ])("%j is told with its warnings, and no other", (standing, warnings) => {
    const told = warningsOf(reading(standing));
    expect(told).toEqual(warnings.map((one) => expect.stringMatching(one)));
  });
});
