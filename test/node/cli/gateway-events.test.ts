// What a gateway says of what happens: a line for people, and for programs a document of its schema.
import { expect, test } from "vitest";
import { GatewayTeller } from "../../../node/cli/commands/gateway-lines.js";
import { gatewayEvents } from "../../../node/contract/index.js";
import type { HostedEvent } from "../../../node/gateway/hosted-event.js";

const told = (event: HostedEvent, json: boolean) => saidOf((teller) => teller.happened(event), json);

function saidOf(
  say: (teller: GatewayTeller) => void,
  json: boolean,
): { readonly out: string[]; readonly err: string[] } {
  const said = { out: [] as string[], err: [] as string[] };
  const terminal = {
    out: (line: string) => void said.out.push(line),
    err: (line: string) => void said.err.push(line),
    ...{ colors: false, progress: false, self: "mabeam", screen: null, env: {} },
    outlive: () => undefined,
    confirm: async () => null,
  };
  const options = {} as ConstructorParameters<typeof GatewayTeller>[2];
  const teller = new GatewayTeller(terminal, json, options);
  say(teller);
  teller.flush();
  return said;
}

test.each([
  [
    { kind: "keyRefused", isKnown: false, model: "gpt\u001b[2J" },
    gatewayEvents.keyRefused,
    /^the upstream does not take the key for gpt\\u001b\[2J: /,
  ],
  [
    { kind: "keyRefused", isKnown: true, model: null },
    gatewayEvents.keyRefused,
    /^the upstream knows the key and does not let it be used: /,
  ],
  [
    { kind: "keyTaken", forMs: 61_000 },
    gatewayEvents.keyTaken,
    /^the upstream takes the key again, after 61 s$/,
  ],
  [
    { kind: "unanswered", why: "connect ECONNREFUSED 127.0.0.1:1\u001b[2J" },
    gatewayEvents.unanswered,
    /^the upstream does not answer: connect ECONNREFUSED 127\.0\.0\.1:1\\u001b\[2J; /,
  ],
  [{ kind: "answers", forMs: 5_000 }, gatewayEvents.answers, /^the upstream answers again, after 5 s$/],
] as const)("%j is a line for people, and a document of its schema", (event, schema, line) => {
  expect(told(event, false)).toEqual({ out: [], err: [expect.stringMatching(line)] });
  const { out } = told(event, true);
  const { kind, ...fields } = event;
  expect(schema.parse(JSON.parse(out[0]!))).toMatchObject({ apiVersion: "v1", ...fields });
});

test("who ends a gateway while answers run is told how long, and how to end them at once", () => {
  const words = "2 answers run, for ten seconds at most: a second Ctrl-C ends it at once";
  expect(saidOf((teller) => teller.ending(2), false)).toEqual({ out: [], err: [`ending: ${words}`] });
  expect(saidOf((teller) => teller.ending(0), false)).toEqual({ out: [], err: [] });
  const { out } = saidOf((teller) => teller.ending(2), true);
  expect(JSON.parse(out[0]!)).toMatchObject({ kind: "GatewayWarning", code: "ENDING", message: words });
});
