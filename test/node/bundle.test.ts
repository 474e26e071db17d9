// Bundles of operations: what is one, when it goes out, and how the verdicts on its operations make its own.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  Bundler,
  BundleVerdict,
  decodeBundle,
  encodeBundle,
  MAX_BUNDLE_BYTES,
} from "../../node/net/bundle.js";
import { ACCEPT, ignore, reject, type Verdict } from "../../node/net/gate-port.js";
import { MAX_BUNDLE_OPS } from "../../node/net/wire.js";
import { type Bytes, bytes as bytesOf, encode, list, struct, utf8 } from "../../src/base/index.js";
import { MAX_OPERATION_BYTES } from "../../src/market/index.js";

const op = (name: string | number): Bytes => utf8(`operation ${name}`);
const many = (count: number): Bytes[] => Array.from({ length: count }, (_, i) => op(i));
/** Without the bounds of the product. */
const wild = (operations: readonly Bytes[]): Bytes =>
  encode(struct({ ops: [0, list(bytesOf(1 << 20), 1 << 20)] }), { ops: operations });

test("a bundle holds 1 to 64 operations, each once and none too long, and decodes to what it was made of", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: MAX_BUNDLE_OPS }), (names) => {
      const operations = names.map(op);
      expect(decodeBundle(encodeBundle(operations))).toEqual({ ok: true, value: operations });
    }),
  );
  const longest = new Uint8Array(MAX_OPERATION_BYTES);
  expect(encodeBundle([longest]).length).toBeLessThanOrEqual(MAX_BUNDLE_BYTES);
  expect(decodeBundle(encodeBundle([longest])).ok).toBe(true);
  expect(decodeBundle(encodeBundle(many(MAX_BUNDLE_OPS))).ok).toBe(true);
  const bad: readonly [Bytes, string][] = [
    [wild([]), "OUT_OF_RANGE"],
    [wild(many(MAX_BUNDLE_OPS + 1)), "OUT_OF_RANGE"],
    [wild([new Uint8Array(MAX_OPERATION_BYTES + 1)]), "OUT_OF_RANGE"],
    [wild([longest, longest]), "OVERSIZE"],
    [wild([op(1), op(2), op(1)]), "REPEATED"],
    [Uint8Array.of(...wild([op(1)]), 0), "TRAILING"],
    [wild([op(1)]).subarray(0, -1), "TRUNCATED"],
    [utf8("no bundle"), "WRONG_TYPE"],
    [new Uint8Array(0), "TRUNCATED"],
  ];
  for (const [raw, error] of bad) expect(decodeBundle(raw)).toEqual({ ok: false, error });
});

/** A bundler in a time of its own. */
function bundling() {
  let nowMs = 0;
  const sent: { readonly operations: readonly Bytes[]; readonly hasOwn: boolean; readonly atMs: number }[] =
    [];
  const timers: { readonly atMs: number; readonly work: () => void }[] = [];
  const bundler = new Bundler(
    (operations, hasOwn) => sent.push({ operations, hasOwn, atMs: nowMs }),
    () => nowMs,
    (ms, work) => timers.push({ atMs: nowMs + ms, work }),
  );
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    bundler,
    sent,
    turn,
    timers,
    passTo(ms: number) {
      nowMs = ms;
      for (const due of timers.splice(0).filter(({ atMs }) => atMs <= ms)) due.work();
    },
  };
}

test("what one turn of the event loop brings goes out together at its end; what follows soon waits a moment", async () => {
  const { bundler, sent, turn, passTo } = bundling();
  for (const one of many(3)) bundler.add(one, false);
  expect(sent).toEqual([]);
  await turn();
  expect(sent).toEqual([{ operations: many(3), hasOwn: false, atMs: 0 }]);
  bundler.add(op("a"), true);
  await turn();
  bundler.add(op("b"), false);
  expect(sent.length).toBe(1);
  passTo(8);
  expect(sent[1]).toEqual({ operations: [op("a"), op("b")], hasOwn: true, atMs: 8 });
  passTo(100);
  bundler.add(op("c"), false);
  await turn();
  expect(sent[2]).toEqual({ operations: [op("c")], hasOwn: false, atMs: 100 });
});

test("a full bundle goes out at once, and everything goes out once, in order, in bundles that are ones", async () => {
  const sizes = fc.array(fc.oneof(fc.nat({ max: 300 }), fc.constant(MAX_OPERATION_BYTES - 20)), {
    maxLength: 200,
  });
  await fc.assert(
    fc.asyncProperty(sizes, async (lengths) => {
      const { bundler, sent, turn } = bundling();
      const operations = lengths.map((length, i) => {
        const made = new Uint8Array(length + 8);
        new DataView(made.buffer).setUint32(0, i);
        return made;
      });
      for (const one of operations) bundler.add(one, true);
      await turn();
      const out = sent.flatMap((one) => one.operations);
      expect(out.length).toBe(operations.length);
      expect(
        out.every((one, i) => one === operations[i]),
        "the same, in order",
      ).toBe(true);
      for (const one of sent) expect(decodeBundle(encodeBundle(one.operations)).ok).toBe(true);
    }),
    { numRuns: 50 },
  );
});

/** What becomes of a bundle whose operations are judged so, in an order of their own. */
function outcome(verdicts: readonly (readonly Verdict[])[], order: readonly number[]) {
  const told: Verdict[] = [];
  const freed: string[] = [];
  const operations = many(verdicts.length);
  const bundle = new BundleVerdict(
    operations,
    (verdict) => told.push(verdict),
    (one) => freed.push(new TextDecoder().decode(one)),
  );
  const left = verdicts.map((own) => [...own]);
  for (const at of order) {
    const next = left[at]!.shift();
    if (next !== undefined) bundle.take(at, next);
  }
  for (const [at, rest] of left.entries()) for (const one of rest) bundle.take(at, one);
  return { told, freed: freed.sort() };
}

const PEND: Verdict = { kind: "pend", code: "SLOW" };
const FATES: readonly (readonly Verdict[])[] = [
  [ACCEPT],
  [ignore("DUPLICATE")],
  [reject("BAD_SIGNATURE")],
  [PEND, ACCEPT],
  [PEND, ignore("PENDING_EXPIRED")],
  [PEND, reject("BAD_SIGNATURE")],
];

test("gossip passes on what was accepted and nothing else, whatever company it came in", () => {
  const fates = fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fates, fc.array(fc.nat({ max: 7 }), { maxLength: 16 }), (verdicts, order) => {
      const { told, freed } = outcome(
        verdicts,
        order.map((at) => at % verdicts.length),
      );
      expect(told.length, "one verdict").toBe(1);
      const accepted = verdicts.flatMap((own, at) => (own.at(-1) === ACCEPT ? [`operation ${at}`] : []));
      const passedOn = told[0] === ACCEPT ? verdicts.map((_, at) => `operation ${at}`) : freed;
      expect([...passedOn].sort()).toEqual(accepted.sort());
      if (told[0] === ACCEPT) expect(freed).toEqual([]);
      const isBad = verdicts.some((own) => own.some(({ kind }) => kind === "reject"));
      expect(told[0]!.kind === "reject", "a bad one is its relayer's fault").toBe(isBad);
    }),
  );
});

test("one that takes long holds up none of the others", () => {
  const { told, freed } = outcome([[ACCEPT], [PEND], [ACCEPT]], [0, 1, 2]);
  expect(told).toEqual([]);
  expect(freed).toEqual(["operation 0", "operation 2"]);
});
