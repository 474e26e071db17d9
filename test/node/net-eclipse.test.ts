// The rules against an eclipse, as functions: when to raise an alarm, whom to dial, whom to come back to.
import { describe, expect, test } from "vitest";
import { worthKeeping } from "../../node/known-addresses.js";
import { groupOf, leastTaken } from "../../node/net/address-groups.js";
import { EclipseWatch } from "../../node/net/eclipse-watch.js";

const IDLE_MS = 1000;

describe("an alarm", () => {
  test.each([
    [IDLE_MS, 15_000],
    [3 * IDLE_MS, 15_000],
    [5 * IDLE_MS, 15_000],
    [6 * IDLE_MS, 18_000],
  ])(
    "for an interval of %i ms is raised when peers bring nothing for %i ms, and ends with the next entry",
    (idleMs, limitMs) => {
      const watch = new EclipseWatch(idleMs, 0);
      expect(watch.look(0, 10, 1)).toBe(null);
      expect(watch.look(limitMs - 1, 10, 1)).toBe(null);
      expect(watch.look(limitMs, 10, 1)).toBe("SILENCE");
      expect(watch.look(limitMs + 1000, 11, 1)).toBe(null);
    },
  );

  test("is not raised for a peer that is alone, and the silence begins with its first peer", () => {
    const watch = new EclipseWatch(IDLE_MS, 0);
    expect(watch.look(60_000, 0, 0)).toBe(null);
    expect(watch.look(74_999, 0, 1)).toBe(null);
    expect(watch.look(75_000, 0, 1)).toBe("SILENCE");
  });

  test("is not raised while this peer catches up, however far behind it is", () => {
    const watch = new EclipseWatch(IDLE_MS, 0);
    for (let second = 0; second < 60; second++) expect(watch.look(second * 1000, second * 40, 3)).toBe(null);
  });
});

describe("groups of addresses", () => {
  test.each([
    ["/ip4/10.20.30.40/tcp/1/p2p/x", "10.20"],
    ["/ip6/2001:db8:1::1/tcp/1", "2001:db8"],
    ["/ip6/2001:0db8:ffff::1/tcp/1", "2001:db8"],
    ["/ip6/::ffff:10.20.1.1/tcp/1", "10.20"],
    ["/ip6/::ffff:a14:101/tcp/1", "10.20"], // as a connection tells it
    ["/ip6/::1/tcp/1", "0:0"],
    ["/dns4/Example.org/tcp/1", "example.org"],
  ])("%s is of %s", (address, group) => expect(groupOf(address)).toBe(group));

  test("eight of a hundred addresses of one owner and eight of others: the others are dialled", () => {
    const owner = Array.from({ length: 100 }, (_, i) => [`/ip4/6.6.${i}.1/tcp/1`]);
    const others = Array.from({ length: 8 }, (_, i) => [`/ip4/${i + 10}.1.1.1/tcp/1`]);
    const candidates = [...owner, ...others];
    const taken: string[] = [];
    for (let made = 0; made < 8; made++) {
      const [chosen] = candidates.splice(leastTaken(candidates, taken, 0.37), 1);
      taken.push(groupOf(chosen![0]!));
    }
    expect(new Set(taken).size).toBe(8);
  });

  test("where all are of one group, none is refused for it", () => {
    expect(leastTaken([["/ip4/10.0.1.1/tcp/1"]], ["10.0", "10.0"], 0.9)).toBe(0);
    expect(leastTaken([], [], 0.5)).toBe(-1);
  });
});

test("a restart comes back first to the two peers that this one dialled and knew longest", () => {
  const met = (name: string, direction: "inbound" | "outbound", connectedMs: number) => ({
    addresses: [name, `${name}, elsewhere`],
    direction,
    connectedMs,
  });
  const crowd = Array.from({ length: 40 }, (_, i) => met(`in ${i}`, "inbound", 90_000 + i));
  const own = [met("new", "outbound", 5), met("old", "outbound", 50_000), met("older", "outbound", 60_000)];
  expect(worthKeeping([...crowd, ...own]).slice(0, 2)).toEqual(["older", "old"]);
  expect(worthKeeping([...crowd, ...own])).toHaveLength(43);
});
