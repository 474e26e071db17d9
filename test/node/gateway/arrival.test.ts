// How an upstream's answer arrives: in order, no further ahead than it is taken, and no longer than it is wanted (spec/gateway#G3).
import type { ServerResponse } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Incoming, Take } from "../../../node/gateway/arrival.js";
import { Once } from "../../../node/gateway/once.js";
import { mayHaveArrived } from "../../../node/gateway/sent-fault.js";
import { Upstream } from "../../../node/gateway/upstream.js";
import { rawUpstream, until } from "./stage.js";

const MEBIBYTE = Buffer.alloc(1_048_576, "x");

async function ask(
  answer: (response: ServerResponse) => void,
  gone = new Once(),
  body = Buffer.from("asked"),
): Promise<Incoming> {
  const { url } = await rawUpstream((_request, response) => answer(response));
  const upstream = new Upstream(new URL(url));
  onTestFinished(() => upstream.close());
  return upstream.send({ method: "POST", path: "/", fields: {}, body, gone });
}

/** Puts down what it takes. */
function noted(): { readonly take: Take; readonly text: () => string } {
  const chunks: Uint8Array[] = [];
  return {
    take: (chunk) => {
      chunks.push(chunk);
      return undefined;
    },
    text: () => Buffer.concat(chunks).toString(),
  };
}

test("what comes before anybody takes it is kept, in its order", async () => {
  const { status, fields, body } = await ask((response) => {
    response.writeHead(201, { "x-of": "upstream" });
    response.write("one ");
    setTimeout(() => response.write("two "), 10);
    setTimeout(() => response.end("three"), 20);
  });
  await new Promise((resolve) => setTimeout(resolve, 15));
  const { take, text } = noted();
  await body.each(take);
  expect([status, fields["x-of"], text()]).toEqual([201, "upstream", "one two three"]);
});

test("an answer that is whole before anybody takes it is none the worse", async () => {
  const { body } = await ask((response) => response.end("all of it"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { take, text } = noted();
  await body.each(take);
  expect(text()).toBe("all of it");
});

test("what precedes an answer is none", async () => {
  const { status } = await ask((response) => {
    response.writeProcessing();
    response.writeHead(204).end();
  });
  expect(status).toBe(204);
});

test("nothing is read while a chunk is taken, and nothing of it is lost", async () => {
  let sent: ServerResponse | null = null;
  const { body } = await ask((response) => {
    sent = response;
    for (let i = 0; i < 64; i++) response.write(MEBIBYTE);
    response.end();
  });
  let bytes = 0;
  let atOnce = 0;
  let goOn = (): void => undefined;
  const first = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const over = body.each(async (chunk) => {
    bytes += chunk.length;
    atOnce += 1;
    expect(atOnce).toBe(1);
    await first;
    atOnce -= 1;
  });
  await until(() => bytes > 0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(sent!.writableLength).toBeGreaterThan(32 * MEBIBYTE.length);
  goOn();
  await over;
  expect(bytes).toBe(64 * MEBIBYTE.length);
});

describe("it is not read on", () => {
  /** Sends without an end. */
  const endless =
    (closed: () => void) =>
    (response: ServerResponse): void => {
      response.once("close", closed);
      response.write("begun ");
      const more = setInterval(() => response.write("more "), 1);
      response.once("close", () => clearInterval(more));
    };

  test("once nobody wants the rest: its connection is closed", async () => {
    let isClosed = false;
    const { body } = await ask(endless(() => (isClosed = true)));
    let count = 0;
    await body.each(() => {
      count += 1;
      if (count === 3) body.stop();
      return undefined;
    });
    await until(() => isClosed);
    expect(count).toBe(3);
  });

  test.each(["at once", "later"])("where its taker fails, %s", async (when) => {
    let isClosed = false;
    const { body } = await ask(endless(() => (isClosed = true)));
    const over = body.each((): Promise<void> => {
      const error = new Error("no room");
      if (when === "later") return Promise.reject(error);
      throw error;
    });
    await expect(over).rejects.toThrow("no room");
    await until(() => isClosed);
  });

  test("once its client has gone", async () => {
    let isClosed = false;
    const gone = new Once();
    const { body } = await ask(
      endless(() => (isClosed = true)),
      gone,
    );
    const over = body.each(() => {
      gone.happen();
      return undefined;
    });
    await expect(over).rejects.toThrow("the client has gone");
    await until(() => isClosed);
  });
});

test("G15 for a client that has gone before nothing is asked, and nothing may have been done", async () => {
  let asked = 0;
  const gone = new Once();
  gone.happen();
  const answer = ask((response) => {
    asked += 1;
    response.end();
  }, gone);
  const error = await answer.catch((one) => one);
  expect([error.message, asked, mayHaveArrived(error)]).toEqual(["the client has gone", 0, false]);
});

test("an answer that breaks off says so, behind what had come of it", async () => {
  const { body } = await ask((response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("some of it");
    setTimeout(() => response.destroy(), 10);
  });
  const { take, text } = noted();
  await expect(body.each(take)).rejects.toThrow();
  expect(text()).toBe("some of it");
});

test.each([
  ["goes on", () => undefined],
  ["reads no more", (response: ServerResponse) => void response.socket?.pause()],
  ["closes", (response: ServerResponse) => void response.socket?.destroySoon()],
])("an answer that comes before its request is sent whole is one, where its upstream %s", async (_, then) => {
  const { status, body } = await ask(
    (response) => {
      response.writeHead(413).end("too much", () => then(response));
    },
    new Once(),
    Buffer.alloc(16 * MEBIBYTE.length),
  );
  const { take, text } = noted();
  await body.each(take);
  expect([status, text()]).toEqual([413, "too much"]);
});
