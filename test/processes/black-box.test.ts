// The black boxes' judge finds what convicts a member, nothing else, and the planted fault of one that lost its memory.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { beginSeat } from "../../node/new-seat.js";
import { eventually } from "../e2e/eventually.js";
import { contradictionsIn, readBox, type Signed, saidUnkept } from "./black-box.js";
import { Rig, stopRigs } from "./rig.js";

afterAll(stopRigs);

const signed = (type: Signed["type"], id: string, term = 7): Signed => ({ how: "said", type, term, id });

test.each([
  ["two ACKs in term 7", [signed("ack", "a"), signed("ack", "b")]],
  ["two COMMITs in term 7", [signed("commit", "a"), signed("commit", "b")]],
  ["two proposals in term 7", [signed("propose", "a"), signed("propose", "b")]],
  ["SKIP and COMMIT in term 7", [signed("skip", "0"), signed("commit", "a")]],
  ["COMMIT against its own ACK in term 7", [signed("ack", "a"), signed("commit", "b")]],
])("%s: found", (found, box) => {
  expect(contradictionsIn(box)).toEqual([found]);
});

test("what an honest member may sign is no contradiction", () => {
  const one = [signed("propose", "a"), signed("ack", "a"), signed("ack", "a"), signed("commit", "a")];
  const other = [signed("ack", "b", 8), signed("skip", "0", 8), signed("commit", "c", 9)];
  expect(contradictionsIn([...one, ...other])).toEqual([]);
});

test("what was said before it was kept is found", () => {
  const kept: Signed = { ...signed("ack", "a"), how: "kept" };
  expect(saidUnkept([kept, signed("ack", "a")])).toEqual([]);
  expect(saidUnkept([kept, signed("ack", "b")])).toEqual(["ack of term 7 b"]);
});

test("a member whose memory is taken and whose amnesia is taken too signs twice, and its black box shows it", async () => {
  const rig = await Rig.start(1);
  await rig.pay(0);
  await rig.network.at(0).kill();
  rmSync(rig.storeOf(0), { recursive: true });
  await beginSeat(rig.storeOf(0));
  await rig.restart(0);
  const box = join(rig.home, "box-0.ndjson");
  const found = await eventually("it signs again in its first terms", () => {
    const all = contradictionsIn(readBox(box));
    return all.length > 0 && all;
  });
  expect(found.join()).toMatch(/two (proposals|ACKs|COMMITs) in term 1\b/);
});
