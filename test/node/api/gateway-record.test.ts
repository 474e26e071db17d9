// Whose a request of the books is: an agent's own, in whichever session, and not that of one below it.
import { expect, test } from "vitest";
import { isRecordOf } from "../../../node/api/views/gateway-record.js";
import type { Record } from "../../../node/gateway/books/record.js";

const paidBy = (...payers: string[]) => ({ payers }) as unknown as Record;

test.each([
  [
    "a named agent's session",
    paidBy("agent:kid/session:1", "agent:kid", "agent:boss"),
    ["agent:kid/session:1", "agent:kid"],
  ],
  ["a named agent itself", paidBy("agent:boss"), ["agent:boss"]],
  [
    "a session within a session",
    paidBy("session:1/sub", "session:1", "agent:unknown"),
    ["session:1/sub", "agent:unknown"],
  ],
  ["a client without a name", paidBy("client:0a", "agent:unknown"), ["client:0a", "agent:unknown"]],
])("%s", (_, record, owners) => {
  const asked = [
    "agent:boss",
    "agent:kid",
    "agent:kid/session:1",
    "agent:unknown",
    "client:0a",
    "session:1",
    "session:1/sub",
    "kid",
  ];
  expect(asked.filter((agent) => isRecordOf(record, agent)).sort()).toEqual([...owners].sort());
});
