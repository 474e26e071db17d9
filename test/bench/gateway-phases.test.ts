// The parts of the gateway's rows that run in processes of their own, here in one: a world, a gateway before it, loads and clients.
import { expect, onTestFinished, test } from "vitest";
import { USUAL } from "../../node/cli/commands/gateway-flags.js";
import { crowdOf } from "../../testnet/bench/gateway/crowd.js";
import { type Experiment, limitsFor } from "../../testnet/bench/gateway/virtual.js";
import { open as openBareProxy } from "../../testnet/bench/phases/bare-proxy.js";
import { open as openGateway } from "../../testnet/bench/phases/gateway-ours.js";
import { open as openWorld } from "../../testnet/bench/phases/gateway-world.js";
import { open as openLoad } from "../../testnet/bench/phases/stream-load.js";
import { open as openSource } from "../../testnet/bench/phases/stream-source.js";
import { open as openClients } from "../../testnet/bench/phases/waiting-clients.js";

const opened = async <P extends { close(): Promise<void> }>(opening: Promise<P>): Promise<P> => {
  const phase = await opening;
  onTestFinished(() => phase.close());
  return phase;
};
const CHAT = "/v1/chat/completions";

test("agents share a key over HTTP by a fast clock, and every call is known again at the upstream", async () => {
  const crowd = crowdOf(3);
  const experiment: Experiment = {
    ...{ crowd, counting: "together", seed: 1, overload: 2, scale: 0.01 },
    ...{ warmUpMs: 5_000, measuredMs: 115_000 },
  };
  const speed = 60;
  const limits = await limitsFor(experiment);
  const world = await opened(openWorld());
  const gateway = await opened(openGateway());
  const { url: upstream, key } = await world.jobs.begin({ experiment, limits, speed });
  const { url, keys } = await gateway.jobs.start({
    ...{ key, speed, crowd, rules: { ...USUAL, limits, output: "asked" } },
    upstream: new URL(upstream).origin,
  });
  const outcome = await world.jobs.work({ baseUrl: `${url}/v1`, headers: {}, keys });
  expect([outcome.answered > 0, outcome.used > 0]).toEqual([true, true]);
  expect([outcome.failedRuns, (await gateway.jobs.counts()).troubles]).toEqual([0, 0]);
});

test("a load asks at its rate and notes first bytes and ends; clients that wait are counted, and leave", async () => {
  const source = await opened(openSource());
  const gateway = await opened(openGateway());
  const load = await opened(openLoad());
  const clients = await opened(openClients());
  const upstream = await source.jobs.url();
  const limits = [{ dimension: "requests", limit: 20, windowMs: 3_600_000 }] as const;
  const { url } = await gateway.jobs.start({
    ...{ upstream, key: "sk-bench", speed: 1, crowd: [] },
    rules: { ...USUAL, headroomBp: 0, limits, output: "asked" },
  });
  const asking = { url: `${url}${CHAT}`, headers: {}, perSecond: 100, ms: 200, promptChars: 100 };
  const { first, whole, failed } = await load.jobs.ask(asking);
  expect([first.length, whole.length, failed]).toEqual([20, 20, 0]);
  expect(whole.every((ms, at) => ms >= first[at]!)).toBe(true);
  await clients.jobs.begin({ url: `${url}${CHAT}`, clients: 30, bodyBytes: 1_000 });
  while ((await gateway.jobs.counts()).waiting < 30) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await gateway.jobs.bytes()).toBeGreaterThan(0);
  await clients.jobs.leave();
  while ((await gateway.jobs.counts()).waiting > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

test("a proxy with nothing in it passes streams, and tells what it costs", async () => {
  const source = await opened(openSource());
  const proxy = await opened(openBareProxy());
  const load = await opened(openLoad());
  const url = `${await proxy.jobs.before(await source.jobs.url())}${CHAT}`;
  const asking = { url, headers: {}, perSecond: 100, ms: 100, promptChars: 100 };
  const { whole, failed } = await load.jobs.ask(asking);
  expect([whole.length, failed]).toEqual([10, 0]);
  expect(await proxy.jobs.cpuMs()).toBeGreaterThan(0);
});
