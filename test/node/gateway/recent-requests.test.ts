// What is remembered of requests: so many, and the newest.
import { expect, test } from "vitest";
import { type PastRequest, RecentRequests } from "../../../node/gateway/recent-requests.js";
import { WaitStory } from "../../../node/gateway/wait-story.js";

const request = (id: string): PastRequest => ({
  id,
  caller: { who: `of-${id}`, agent: "unknown", parent: null, session: null, toldBy: "client" },
  share: `of-${id}`,
  model: null,
  instead: null,
  waitedMs: 0,
  story: new WaitStory(),
  tookMs: 0,
  used: null,
  cost: 0,
  end: "left",
  code: null,
  status: 200,
  endedMs: 0,
});

test("the oldest go where there are more than may be kept", () => {
  const recent = new RecentRequests(2);
  for (const id of ["a1", "a2", "b3"]) recent.add(request(id));
  expect(recent.newest(9, null).map(({ id }) => id)).toEqual(["b3", "a2"]);
  expect(recent.newest(1, null).map(({ id }) => id)).toEqual(["b3"]);
  expect(recent.newest(0, null)).toEqual([]);
  expect(recent.startingWith("a", 5).map(({ id }) => id)).toEqual(["a2"]);
  expect([...recent.waitsByAgent().keys()]).toEqual(["of-a2", "of-b3"]);
});

test("those of a named agent are its own and its sessions', and whoever shows no key is one of unknown's", () => {
  const recent = new RecentRequests(9);
  const by = (id: string, who: string, agent: string) =>
    recent.add({ ...request(id), caller: { who, agent, parent: null, session: null, toldBy: "key" } });
  by("a", "agent:kid", "kid");
  by("b", "agent:kid/session:1", "kid");
  by("c", "agent:kids", "kids");
  by("d", "session:1", "unknown");
  const idsOf = (agent: string) => recent.newest(9, agent).map(({ id }) => id);
  expect(["agent:kid", "agent:kid/session:1", "agent:unknown", "session:1", "kid"].map(idsOf)).toEqual([
    ["b", "a"],
    ["b"],
    ["d"],
    ["d"],
    [],
  ]);
});
