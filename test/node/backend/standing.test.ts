// How a peer stands, as its status and readiness say it: by what its log shows, whatever its own clock does.
import { describe, expect, it } from "vitest";
import { PeerBackend } from "../../../node/backend/peer-backend.js";
import { isFarBehind } from "../../../node/behind.js";

const START_MS = 1_800_000_000_000;
const LIMIT_MS = 15_000;

interface Standing {
  readonly height?: number;
  readonly shown?: number;
  /** wall time since the newest entry was made */
  readonly ageMs?: number;
  /** what the peer has found out about its clock */
  readonly aheadMs?: number | null;
  readonly connections?: number;
}

const CONNECTED = {
  ref: "12D3KooW",
  direction: "inbound",
  remoteAddress: "/ip4/127.0.0.1/tcp/9",
  addresses: ["/ip4/192.0.2.1/tcp/1"],
  seat: null,
  height: 0,
  connectedMs: 0,
};

/** A peer of a quorum of four, without a seat. */
function backendOf(standing: Standing): PeerBackend {
  const { height = 20, shown = height, ageMs = 0, aheadMs = null, connections = 1 } = standing;
  const peer = {
    halted: null,
    tip: { height, timeMs: START_MS },
    electorate: { size: 4 },
    voter: { seat: null },
  };
  const own = {
    peer,
    shownHeight: shown,
    isBehind: isFarBehind(shown, height),
    clockDistance: aheadMs === null ? null : { aheadMs, message: "" },
    connections: () => Array.from({ length: connections }, () => CONNECTED),
    subscribe: () => () => undefined,
    onEclipse: () => () => undefined,
  };
  const around = { startedAtMs: START_MS, keptEvents: 1, nowMs: () => START_MS + ageMs };
  return new PeerBackend(own as never, around as never);
}

const missingOf = async (standing: Standing): Promise<readonly string[]> =>
  (await backendOf(standing).readiness()).missing;

it("a peer is told of by where its connection goes to, and not by where it says that it listens", async () => {
  expect(await backendOf({}).peers()).toMatchObject([
    { peerId: CONNECTED.ref, address: CONNECTED.remoteAddress },
  ]);
});

describe("a peer", () => {
  it.each([
    [{ ageMs: LIMIT_MS }, []],
    [{ ageMs: LIMIT_MS + 1 }, ["stalled"]],
    [{ connections: 0 }, ["isolated"]],
    [{ height: 0 }, ["starting"]],
    [{ shown: 28 }, []],
    [{ shown: 29 }, ["catching-up"]],
  ])("%j lacks %j", async (standing, missing) => expect(await missingOf(standing)).toEqual(missing));

  it.each([
    ["fast", 120_000, 120_000, []],
    ["fast, and the log stands still", 120_000, 120_000 + LIMIT_MS + 1, ["stalled"]],
    ["slow", -30_000, -30_000, []],
    ["slow, and the log stands still", -30_000, -30_000 + LIMIT_MS + 1, ["stalled"]],
  ])(
    "whose clock is %s by %i ms, %i ms from its newest entry, lacks %j",
    async (_how, aheadMs, ageMs, missing) => {
      expect(await missingOf({ aheadMs, ageMs })).toEqual(missing);
    },
  );
});
