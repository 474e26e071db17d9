// The gateway of this daemon: how it stands, and what became of requests.
import { asDocument, type GATEWAY_ROUTES, gatewayRequest } from "../../contract/index.js";
import { type Answers, SOME_IDS, wholeId } from "../answer.js";
import type { HostedPeer, ReadGateway } from "../hosted.js";
import { asList, wholePage } from "../paging.js";
import { problem } from "../problem.js";
import { gatewayRequestView, gatewayView } from "../views/gateway.js";

export const GATEWAY_ANSWERS: Answers<typeof GATEWAY_ROUTES> = {
  async gateway({ peer, query }) {
    return asDocument("Gateway", gatewayView(gatewayOf(peer), query.agents));
  },

  async gatewayRequests({ peer, query: { limit, agent }, serving }) {
    const found = gatewayOf(peer).recent.newest(limit, agent ?? null);
    const page = wholePage(found.map(gatewayRequestView));
    return asList("GatewayRequestList", gatewayRequest, page, (one) => one.id, serving.onUnshown);
  },

  async gatewayMetrics({ peer, reply }) {
    const { metrics } = gatewayOf(peer);
    const text = await metrics.text();
    reply.header("content-type", metrics.contentType).serializer(String).send(text);
    return undefined;
  },

  async gatewayRequest({ peer, params: { id } }) {
    const found = gatewayOf(peer).recent.startingWith(id, SOME_IDS);
    const whole = wholeId(
      id,
      found.map((one) => one.id),
    );
    const request = found.find((one) => one.id === whole);
    if (request === undefined) throw problem("REQUEST_UNKNOWN", `no request that is over begins with ${id}`);
    return asDocument("GatewayRequest", gatewayRequestView(request));
  },
};

/** @throws Problem NO_GATEWAY */
function gatewayOf({ gateway }: HostedPeer): ReadGateway {
  if (gateway !== null) return gateway;
  throw problem("NO_GATEWAY");
}
