// Many operations handed in by one call: one answer each, one step, and one sync.
import { writeFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import type { SignatureVerifier } from "../../node/crypto/verifier.js";
import { Driver } from "../../node/driver.js";
import { encodeOperation, signOperation } from "../../src/market/index.js";
import { type CommandResult, step } from "../../src/peer/index.js";
import { Cluster, FEE, idOf, keyOf, START_MS } from "../peer/cluster.js";
import { LonePeer } from "../worlds/lone-peer.js";
import { fixture } from "./api/api-fixture.js";
import { closeAll, file, newHome, world } from "./cli/cli-fixture.js";
import { silent } from "./driver-parts.js";
import { loneHost } from "./lone-host.js";

afterEach(closeAll);

const AUTHORS = ["ann", "bob", "eve", "joe"];
const BUSY = { ok: false, refusal: { code: "BUSY", detail: { waiting: 1024 } } } as const;

/** A cluster's operation of an author, in bytes. */
function payment(network: { chain: Uint8Array; market: Uint8Array }, name: string, nonce: number, fee = FEE) {
  const authority = { nonce, fee, validUntilMs: START_MS + 60_000 };
  const body = { kind: "transfer", to: idOf("me"), amount: 1n } as const;
  return encodeOperation(signOperation(network, authority, body, keyOf(name)));
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const codeOf = (result: CommandResult): string => (result.ok ? "accepted" : result.refusal.code);

describe("the peer", () => {
  const lone = () => new Cluster({ agents: [["me"]], seats: 1, funded: AUTHORS }).host(0).live;

  test("judges each as if it came alone upon those before it, and one that is refused keeps no other out", () => {
    const [together, alone] = [lone(), lone()];
    const { network } = together.ledger;
    const good = payment(network, "ann", 0);
    const forged = payment(network, "bob", 0);
    forged[forged.length - 1]! ^= 1;
    const operations = [
      good,
      Uint8Array.of(1, 2, 3),
      forged,
      payment(network, "nobody", 0),
      payment(network, "ann", 1),
      payment(network, "ann", 0, FEE + 1n),
      payment(network, "bob", 0),
      payment(network, "eve", 0, 0n),
      good,
    ];
    const answers = (peer: typeof together, commands: Parameters<typeof step>[1][]): CommandResult[] =>
      commands.flatMap((event) =>
        step(peer, event).notify.flatMap((one) => (one.kind === "done" ? [one.result] : [])),
      );
    const event = { kind: "command", ref: 1, nowMs: START_MS + 1 } as const;
    const [all] = answers(together, [{ ...event, command: { kind: "submitAll", operations } }]);
    const each = (all as Extract<CommandResult, { ok: true }>).each!;
    expect(each.map(codeOf)).toEqual([
      "accepted",
      "OPERATION_WRONG_TYPE",
      "BAD_SIGNATURE",
      "ACCOUNT_UNKNOWN",
      "accepted",
      "FEE_TOO_LOW_TO_REPLACE",
      "accepted",
      "FEE_BELOW_MINIMUM",
      "accepted",
    ]);
    // Alone in its quorum, a peer executes what it is handed at once: then the two last words about ann are others.
    const single = answers(
      alone,
      [...operations.slice(0, 5), operations[6]!, operations[7]!].map((bytes) => ({
        ...event,
        command: { kind: "submit", bytes },
      })),
    );
    const same = [...each.slice(0, 5), each[6]!, each[7]!];
    expect(single.map(codeOf)).toEqual(same.map(codeOf));
  });

  test("takes 256 in one step and one entry, and makes them durable in one batch", async () => {
    const peer = lone();
    const { network } = peer.ledger;
    const writes: number[] = [];
    const driver = new Driver({
      machine: { step: (event) => step(peer, event) },
      store: { write: async (batch) => void writes.push(batch.length) },
      transport: { send: () => undefined },
      nowMs: () => START_MS + 5,
      log: silent,
    });
    const operations = Array.from({ length: 256 }, (_, i) =>
      payment(network, AUTHORS[i % AUTHORS.length]!, Math.floor(i / AUTHORS.length)),
    );
    const { height } = peer.tip;
    const before = driver.counts;
    const result = await driver.submit({ kind: "submitAll", operations });
    const { steps, batches } = driver.counts;
    expect(result.ok && result.each!.every(({ ok }) => ok)).toBe(true);
    expect([steps - before.steps, batches - before.batches]).toEqual([1, 1]);
    expect(writes).toHaveLength(1);
    expect(peer.tip.height - height).toBeLessThanOrEqual(2);
    await driver.close();
  });
});

test("a daemon verifies the signatures of many before the step that takes them in, and answers all", async () => {
  const lone = await loneHost();
  try {
    const { front, rival, creator } = lone.network;
    const { network, params } = front.peer.ledger;
    const operations = Array.from({ length: 100 }, (_, nonce) => {
      const authority = { nonce: nonce >> 1, fee: params.minFee, validUntilMs: Date.now() + 60_000 };
      const [from, to] = nonce % 2 === 0 ? [rival, creator] : [creator, rival];
      const body = { kind: "transfer", to: to.publicKey, amount: 1n } as const;
      return encodeOperation(signOperation(network, authority, body, from));
    });
    const { verify } = front.peer.config.verifier;
    const asked: (boolean | undefined)[] = [];
    const verifier = front.peer.config.verifier as SignatureVerifier;
    verifier.verify = (key, message, signature) => {
      asked.push(verifier.recalled(key, message, signature));
      return verify.call(verifier, key, message, signature);
    };
    const result = await front.command({ kind: "submitAll", operations });
    expect(result.ok && result.each!.map(codeOf)).toEqual(Array(100).fill("accepted"));
    expect(asked.filter((known) => known === true).length).toBeGreaterThanOrEqual(100);
  } finally {
    await lone.stop();
  }
});

describe("POST /v1/envelopes", () => {
  const submit = async (payload: object, lone?: LonePeer, headers = {}) => {
    const { call, host } = await fixture({}, lone);
    return { host, call, answer: await call("POST", "/v1/envelopes", { payload, headers }) };
  };

  test("answers one verdict each, in order", async () => {
    const lone = new LonePeer();
    const { network } = lone.peer.ledger;
    const { nonces } = lone.peer.ledger.accountOf(idOf("bob"))!;
    const good = base64(payment(network, "bob", nonces.bulk));
    const { answer, host } = await submit({ operations: [good, "AQID", good] }, lone);
    expect(answer.statusCode).toBe(202);
    const { kind, verdicts } = answer.json();
    expect([kind, verdicts.map((one: { status: string }) => one.status)]).toEqual([
      "Verdicts",
      ["accepted", "refused", "accepted"],
    ]);
    expect(verdicts[0].operation).toMatch(/^[0-9a-f]{64}$/);
    expect(verdicts[1].problem).toMatchObject({
      status: 422,
      code: "OPERATION_WRONG_TYPE",
      retryable: false,
    });
    expect(host.commands).toHaveLength(1);
  });

  test.each([
    ["neither one nor many", {}],
    ["one and many", { operation: "AQID", operations: ["AQID"] }],
    ["none", { operations: [] }],
    ["more than 256", { operations: Array(257).fill("AQID") }],
    ["what is no base64", { operations: ["AQID", "!"] }],
  ])("refuses %s by its shape, and asks nothing of the peer", async (_, payload) => {
    const { answer, host } = await submit(payload);
    expect([answer.statusCode, answer.json().code]).toEqual([400, "REQUEST_INVALID"]);
    expect(host.commands).toEqual([]);
  });

  test("a repetition under the same key joins the first", async () => {
    const headers = { "idempotency-key": "many" };
    const { call, host, answer } = await submit({ operations: ["AQID"] }, undefined, headers);
    const again = await call("POST", "/v1/envelopes", { payload: { operations: ["AQID"] }, headers });
    expect([again.json(), again.headers["idempotency-replayed"]]).toEqual([answer.json(), "true"]);
    expect(host.commands).toHaveLength(1);
  });

  test.each([{ operation: "AQID" }, { operations: ["AQID"] }])(
    "of a peer that has no time is 503 with Retry-After, and not remembered under its key: %j",
    async (payload) => {
      const lone = new LonePeer();
      const { call } = await fixture({}, lone);
      lone.answer = async () => BUSY;
      const headers = { "idempotency-key": "busy" };
      const answer = await call("POST", "/v1/envelopes", { payload, headers });
      expect([answer.statusCode, answer.headers["retry-after"]]).toEqual([503, "2"]);
      expect(answer.json()).toMatchObject({ code: "BUSY", retryable: true });
      lone.answer = null;
      const later = await call("POST", "/v1/envelopes", { payload, headers });
      expect(later.statusCode).not.toBe(503);
      expect(later.headers["idempotency-replayed"]).toBeUndefined();
    },
  );

  test("of a peer that has no time for any of many is 503, and not remembered; for some, they are told so", async () => {
    const lone = new LonePeer();
    const { call } = await fixture({}, lone);
    const headers = { "idempotency-key": "many" };
    const asked = () => call("POST", "/v1/envelopes", { payload: { operations: ["AQID", "AQIE"] }, headers });
    const told = (...each: CommandResult[]) => {
      lone.answer = async () => ({ ok: true, operation: null, auction: null, each });
    };
    told(BUSY, BUSY);
    const answer = await asked();
    expect([answer.statusCode, answer.headers["retry-after"]]).toEqual([503, "2"]);
    told({ ok: false, refusal: { code: "BAD_SIGNATURE", detail: {} } }, BUSY);
    const later = await asked();
    expect(later.statusCode).toBe(202);
    expect(later.json().verdicts[1].problem).toMatchObject({ code: "BUSY", retryable: true });
    expect((await asked()).headers["idempotency-replayed"]).toBe("true");
  });
});

describe("mabeam submit", () => {
  const opsFile = (content: string | Uint8Array): string => {
    const path = file(newHome(), "ops", "");
    writeFileSync(path, content);
    return path;
  };
  const lines = (lone: LonePeer, count: number, name = "bob"): string[] => {
    const { network } = lone.peer.ledger;
    const { nonces } = lone.peer.ledger.accountOf(idOf(name))!;
    return Array.from({ length: count }, (_, i) => base64(payment(network, name, nonces.bulk + i)));
  };

  test("answers a line each, and exits 0 where all are on their way", async () => {
    const lone = new LonePeer();
    const { run } = await world(lone);
    const ran = await run(["submit", opsFile(`\n${lines(lone, 3).join("\n")}\n\n`)]);
    expect([ran.exit, ran.err]).toEqual([0, ""]);
    expect(ran.out).toHaveLength(3);
    for (const [i, line] of ran.out.entries())
      expect(line).toMatch(new RegExp(`^${i + 2} {2}accepted {2}[0-9a-f]{64}$`));
  });

  test("exits 1 where some are refused, and says why; with --json as the daemon does", async () => {
    const lone = new LonePeer();
    const { run, json } = await world(lone);
    const [first, second] = lines(lone, 2) as [string, string];
    const poor = base64(payment(lone.peer.ledger.network, "nobody", 0));
    const ran = await run(["submit", opsFile([first, poor].join("\n"))]);
    expect(ran.exit).toBe(1);
    expect(ran.out[1]).toMatch(/^2 {2}refused {2}ACCOUNT_UNKNOWN: .*Fix: .*wallet balance/);
    const { exit, document } = await json(`submit ${opsFile([second, poor].join("\n"))}`);
    expect(exit).toBe(1);
    const verdicts = [{ status: "accepted" }, { status: "refused" }];
    expect(document).toMatchObject({ kind: "Verdicts", verdicts });
  });

  test("hands in more than a request holds in several, each answered", async () => {
    const lone = new LonePeer();
    const { run, host } = await world(lone);
    const ran = await run(["submit", opsFile(Array(300).fill(lines(lone, 1)[0]).join("\n"))]);
    expect([ran.exit, ran.out.length, host.commands.length]).toEqual([0, 300, 2]);
    expect(ran.out[299]).toMatch(/^300 {2}accepted/);
  });

  test("a file that is one operation as it was encoded is handed in", async () => {
    const lone = new LonePeer();
    const { run, host } = await world(lone);
    const bytes = Buffer.from(lines(lone, 1)[0]!, "base64");
    expect((await run(["submit", opsFile(bytes)])).exit).toBe(0);
    expect(host.commands).toEqual([{ kind: "submitAll", operations: [new Uint8Array(bytes)] }]);
  });

  test.each([
    [
      "a line that is no base64",
      "hello, world",
      /line 2 of .* is no operation: "hello, world" is not base64/,
    ],
    ["a line that is no operation", "AQID", /line 2 of .* is no operation: WRONG_TYPE at byte/],
  ])("of %s hands in nothing: 2", async (_, line, says) => {
    const lone = new LonePeer();
    const { run, host } = await world(lone);
    const ran = await run(["submit", opsFile([lines(lone, 1)[0], line].join("\n"))]);
    expect([ran.exit, ran.out, host.commands]).toEqual([2, [], []]);
    expect(ran.err).toMatch(says);
    expect(ran.err).toMatch(/nothing was handed in[\s\S]*Fix: give one signed operation a line/);
  });

  test("of an empty file, or one that is not there: 2", async () => {
    const { run } = await world();
    expect(await run(["submit", opsFile("\n")])).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/is empty/),
    });
    expect(await run(["submit", "/nowhere/ops"])).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/ENOENT/),
    });
  });

  test("a daemon that has no time is asked again some times, and each time is told", async () => {
    const lone = new LonePeer();
    const { run, host } = await world(lone);
    let turnedAway = 0;
    lone.answer = async () => {
      if (turnedAway === 1) lone.answer = null;
      turnedAway++;
      return BUSY;
    };
    const ran = await run(["submit", opsFile(lines(lone, 1).join("\n"))]);
    expect([ran.exit, ran.out.length, host.commands.length]).toEqual([0, 1, 3]);
    expect(ran.err.split("\n")).toEqual(
      Array(2).fill("The daemon is busy, and nothing was done: trying again in 2 s"),
    );
  }, 20_000);
});
