// An API over a lone peer, called without a socket.
import type { InjectOptions } from "fastify";
import { type ApiOptions, buildApi } from "../../../node/api/index.js";
import { START_MS } from "../../peer/cluster.js";
import { type LonePeer, LoneProcess } from "../../worlds/lone-peer.js";

export const TOKEN = "T".repeat(43);

export const optionsFor = (host: LoneProcess, more: Partial<ApiOptions> = {}): ApiOptions => ({
  host,
  token: TOKEN,
  listen: { host: "127.0.0.1", port: 7810 },
  version: "0.1.0",
  onAccident: (error) => {
    throw error;
  },
  nowMs: () => START_MS,
  random: () => 0.5,
  ...more,
});

export async function fixture(more: Partial<ApiOptions> = {}, lone?: LonePeer) {
  const host = new LoneProcess(lone);
  const app = await buildApi(optionsFor(host, more));
  const call = async (method: "GET" | "HEAD" | "POST" | "DELETE", url: string, given: InjectOptions = {}) => {
    const headers = { host: "127.0.0.1:7810", authorization: `Bearer ${TOKEN}`, ...given.headers };
    return app.inject({ method, url, ...given, headers });
  };
  return { app, host, call };
}
