// A simulated CPU: work takes its time, one piece after the other, and what comes meanwhile waits as it does in a process.
import { describe, expect, it } from "vitest";
import { goodputOf, goodputWrongs } from "../../testnet/lab/simulate/checkers/goodput.js";
import type { LoadPlan, LoadSample } from "../../testnet/lab/simulate/load.js";
import { FOUR_SLOW, overloadScenario, scaled, TWICE_THE_BEST } from "../../testnet/lab/simulate/overload.js";
import { run } from "../../testnet/lab/simulate/run.js";
import { Agenda } from "../../testnet/lab/simulate/world/agenda.js";
import { Cpu } from "../../testnet/lab/simulate/world/cpu.js";

/** A process that notes what it does, and has so many pieces of its driver's to do. */
function process(speed: number, pieces = 0) {
  const agenda = new Agenda();
  const did: [atMs: number, what: string][] = [];
  const note = (what: string): void => void did.push([agenda.nowMs, what]);
  let left = pieces;
  let hadGroup = false;
  const cpu: Cpu = new Cpu(agenda, speed, {
    driver() {
      if (left === 0 || hadGroup) return null;
      left--;
      hadGroup = true;
      return () => {
        note("step");
        cpu.spend(1_000);
      };
    },
    turned() {
      hadGroup = false;
    },
    reads: (socket) => socket !== "behind",
  });
  const comes = (socket: string, us: number, most = 1_000): boolean =>
    cpu.receive(socket, 100, most, () => {
      note(socket);
      cpu.spend(us);
    });
  return { agenda, cpu, did, comes };
}

describe("a CPU", () => {
  it("works off one piece after the other, each for as long as it costs at its speed", () => {
    const { agenda, comes, did, cpu } = process(0.5);
    for (const us of [1_000, 3_000, 500]) comes("a", us);
    agenda.runUntil(100);
    expect(did).toEqual([
      [0, "a"],
      [2, "a"],
      [8, "a"],
    ]);
    expect(cpu.totalUs).toBe(4_500);
  });

  it("reads what its sockets held when the turn began, then does one piece of the driver's", () => {
    const { agenda, comes, did } = process(1, 2);
    comes("a", 1_000);
    comes("b", 1_000);
    agenda.at(1.5, () => comes("a", 1_000));
    agenda.runUntil(100);
    expect(did).toEqual([
      [0, "step"],
      [1, "a"],
      [2, "b"],
      [3, "step"],
      [4, "a"],
    ]);
  });

  it("does not read a socket that is to wait, and takes no more than fits", () => {
    const { agenda, comes, did } = process(1);
    comes("behind", 1);
    comes("a", 1);
    agenda.runUntil(10);
    expect(did.map(([, what]) => what)).toEqual(["a"]);
    const taken = Array.from({ length: 12 }, () => comes("behind", 1, 1_000));
    expect(taken.filter(Boolean)).toHaveLength(9);
  });

  it("begins nothing while the process is stopped, and goes on afterwards", () => {
    const { agenda, comes, did, cpu } = process(1);
    comes("a", 5_000);
    comes("a", 5_000);
    agenda.at(1, () => cpu.stop());
    agenda.at(50, () => cpu.goOn());
    agenda.runUntil(100);
    expect(did).toEqual([
      [0, "a"],
      [50, "a"],
    ]);
  });
});

describe("goodput", () => {
  const plan: LoadPlan = {
    authors: 1,
    fromMs: 0,
    stages: [
      { kind: "open", perSecond: 50, forMs: 10_000 },
      { kind: "open", perSecond: 200, forMs: 20_000 },
    ],
  };
  /** Samples of a network that makes so many operations in each second. */
  const made = (perSecond: (second: number) => number): LoadSample[] => {
    let final = 0;
    return Array.from({ length: 31 }, (_, second) => {
      if (second > 0) final += perSecond(second);
      return { atMs: second * 1_000, final, offered: second * 100, refused: 0 };
    });
  };

  it("seven tenths of the best are enough, and less is a wrong", () => {
    const of = (overload: number) =>
      goodputWrongs(
        goodputOf(
          plan,
          made((s) => (s <= 10 ? 100 : overload)),
        ),
      );
    expect(of(100)).toEqual([]);
    expect(of(70)).toEqual([]);
    expect(of(69)).toEqual(["69.0 operations a second under overload, and 100.0 at best"]);
  });

  it("ten seconds without anything final are a wrong, however much comes before and after", () => {
    const standing = (from: number, to: number) =>
      goodputWrongs(
        goodputOf(
          plan,
          made((s) => (s > from && s <= to ? 0 : s > 20 ? 500 : 100)),
        ),
      );
    expect(standing(10, 19)).toEqual([]);
    expect(standing(10, 20)).toEqual(["10 s of load in which nothing became final"]);
  });
});

it("members so slow that 26 operations a second are their best are offered three times that: they live, an auction settles", () => {
  const [speeds, stages] = [FOUR_SLOW.map((speed) => speed / 2), scaled(TWICE_THE_BEST, 1 / 2)];
  const scenario = overloadScenario(1, { speeds, stages, calmMs: 14_000 });
  const { violation, load, auctionsSettled } = run(scenario, null);
  expect(violation).toBeNull();
  expect(auctionsSettled).toBe(1);
  const { peak, offered } = goodputOf(scenario.load!, load);
  expect(peak).toBeGreaterThan(20);
  expect(offered).toBeGreaterThanOrEqual(2 * peak);
});
