// Our refusals as OpenAI's clients read them: `type` and `code` are always words.
import type { Answer, GatewayFault } from "../../dialect.js";
import { faultDetails, faultWords, isOfBudget } from "../../fault-words.js";
import { retryFields } from "../../retry-fields.js";

const TYPES: Readonly<Record<GatewayFault["status"], string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "insufficient_quota",
  403: "permission_error",
  404: "invalid_request_error",
  408: "server_error",
  413: "invalid_request_error",
  429: "rate_limit_error",
  502: "server_error",
  503: "server_error",
  504: "server_error",
};

function typeOf(fault: GatewayFault): string {
  if (isOfBudget(fault)) return "insufficient_quota";
  if (fault.status !== 429 || fault.limit === undefined || fault.limit.name === "share")
    return TYPES[fault.status];
  return fault.limit.name === "rpm" ? "requests" : "tokens";
}

const documentOf = (fault: GatewayFault) => ({
  error: {
    message: faultWords(fault),
    type: typeOf(fault),
    param: null,
    code: fault.code,
    mabeam: faultDetails(fault),
  },
});

export const refusal = (fault: GatewayFault): Answer => ({
  status: fault.status,
  headers: {
    "content-type": "application/json",
    "x-request-id": fault.requestId,
    ...retryFields(fault),
  },
  body: JSON.stringify(documentOf(fault)),
});
