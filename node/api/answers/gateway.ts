// The gateway of this daemon: how it stands, and what became of requests.
import {
  asDocument,
  type GATEWAY_ROUTES,
  type GatewayRequest,
  gatewayRequest,
} from "../../contract/index.js";
import { isOf } from "../../gateway/recent-requests.js";
import { type Answers, SOME_IDS, wholeId } from "../answer.js";
import type { HostedPeer, ReadGateway } from "../hosted.js";
import { asList, wholePage } from "../paging.js";
import { problem } from "../problem.js";
import { gatewayRequestView, gatewayView, waitingRequestView } from "../views/gateway.js";
import { isRecordOf, recordViews } from "../views/gateway-record.js";

/** Of the books, looked through for those that memory does not hold. */
const MOST_RECORDS = 1_000;

export const GATEWAY_ANSWERS: Answers<typeof GATEWAY_ROUTES> = {
  async gateway({ peer, query }) {
    return asDocument("Gateway", gatewayView(gatewayOf(peer), query.agents, peer.around.nowMs()));
  },

  async gatewayRequests({ peer, query: { limit, agent, state }, serving }) {
    const gateway = gatewayOf(peer);
    const nowMs = peer.around.nowMs();
    const found =
      state === "waiting"
        ? waitingLongest(gateway, limit, agent ?? null, nowMs)
        : await newest(gateway, limit, agent ?? null, nowMs);
    return asList("GatewayRequestList", gatewayRequest, wholePage(found), (one) => one.id, serving.onUnshown);
  },

  async gatewayMetrics({ peer, reply }) {
    const { metrics } = gatewayOf(peer);
    const text = await metrics.text();
    reply.header("content-type", metrics.contentType).serializer(String).send(text);
    return undefined;
  },

  async gatewayRequest({ peer, params: { id } }) {
    const found = await beginningWith(gatewayOf(peer), id, peer.around.nowMs());
    const whole = wholeId(
      id,
      found.map((one) => one.id),
    );
    const request = found.find((one) => one.id === whole);
    if (request === undefined) throw problem("REQUEST_UNKNOWN", `no request that was sent begins with ${id}`);
    return asDocument("GatewayRequest", request);
  },
};

/** What memory tells most of; what it does not hold is in the books. The newest first. */
async function newest(
  { recent, books }: ReadGateway,
  limit: number,
  agent: string | null,
  nowMs: number,
): Promise<readonly GatewayRequest[]> {
  const inMemory = recent.newest(limit, agent).map(gatewayRequestView);
  if (inMemory.length >= limit) return inMemory;
  const known = new Set(recent.newest(Number.MAX_SAFE_INTEGER, null).map(({ id }) => id));
  const records = await books.recent(MOST_RECORDS);
  const found = agent === null ? records : records.filter((one) => isRecordOf(one, agent));
  const kept = recordViews(found, nowMs).filter(({ id }) => !known.has(id));
  return [...inMemory, ...kept].slice(0, limit);
}

/** Those that wait now: whoever has waited for longest first. */
const waitingLongest = (gateway: ReadGateway, limit: number, agent: string | null, nowMs: number) =>
  gateway
    .waiting("")
    .filter(({ caller }) => agent === null || isOf(caller, agent))
    .sort((a, b) => b.tookMs - a.tookMs)
    .slice(0, limit)
    .map((one) => waitingRequestView(one, nowMs));

async function beginningWith(
  gateway: ReadGateway,
  prefix: string,
  nowMs: number,
): Promise<readonly GatewayRequest[]> {
  const { recent, books } = gateway;
  const over = recent.startingWith(prefix, SOME_IDS).map(gatewayRequestView);
  const inMemory = [...over, ...gateway.waiting(prefix).map((one) => waitingRequestView(one, nowMs))];
  const known = new Set(inMemory.map(({ id }) => id));
  const kept = recordViews(await books.find(prefix), nowMs).filter(({ id }) => !known.has(id));
  return [...inMemory, ...kept];
}

/** @throws Problem NO_GATEWAY */
export function gatewayOf({ gateway }: HostedPeer): ReadGateway {
  if (gateway !== null) return gateway;
  throw problem("NO_GATEWAY");
}
