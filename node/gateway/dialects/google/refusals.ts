// Our refusals as Google's clients read them: the status's word, and details that its libraries know.
import type { Answer, GatewayFault } from "../../dialect.js";
import { faultDetails, faultWords, isOfBudget } from "../../fault-words.js";
import { retryFields } from "../../retry-fields.js";

const STATUSES: Readonly<Record<GatewayFault["status"], string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  402: "RESOURCE_EXHAUSTED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  408: "DEADLINE_EXCEEDED",
  413: "INVALID_ARGUMENT",
  429: "RESOURCE_EXHAUSTED",
  502: "UNAVAILABLE",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

function documentOf(fault: GatewayFault) {
  const { code, ...metadata } = faultDetails(fault);
  const info = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: code,
    domain: "mabeam",
    metadata,
  };
  const retry = fault.retryMs === null ? [] : [retryInfo(fault.retryMs)];
  return {
    error: {
      code: fault.status,
      message: faultWords(fault),
      status: isOfBudget(fault) ? "RESOURCE_EXHAUSTED" : STATUSES[fault.status],
      details: [info, ...retry],
    },
  };
}

const retryInfo = (retryMs: number) => ({
  "@type": "type.googleapis.com/google.rpc.RetryInfo",
  retryDelay: `${Math.max(1, Math.ceil(retryMs)) / 1_000}s`,
});

export const refusal = (fault: GatewayFault): Answer => ({
  status: fault.status,
  headers: {
    "content-type": "application/json; charset=UTF-8",
    "x-request-id": fault.requestId,
    ...retryFields(fault),
  },
  body: JSON.stringify(documentOf(fault)),
});
