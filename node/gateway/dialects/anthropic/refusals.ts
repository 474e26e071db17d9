// Our refusals as Anthropic's clients read them.
import type { Answer, GatewayFault } from "../../dialect.js";
import { faultDetails, faultWords, isOfBudget } from "../../fault-words.js";
import { retryFields } from "../../retry-fields.js";

const TYPES: Readonly<Record<GatewayFault["status"], string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  408: "timeout_error",
  413: "request_too_large",
  429: "rate_limit_error",
  502: "api_error",
  503: "api_error",
  504: "timeout_error",
};

function documentOf(fault: GatewayFault) {
  const { code, ...details } = faultDetails(fault);
  return {
    type: "error",
    error: {
      type: isOfBudget(fault) ? "billing_error" : TYPES[fault.status],
      message: faultWords(fault),
      details: { error_code: code, ...details },
    },
    request_id: fault.requestId,
  };
}

export const refusal = (fault: GatewayFault): Answer => ({
  status: fault.status,
  headers: {
    "content-type": "application/json",
    "request-id": fault.requestId,
    ...retryFields(fault),
  },
  body: JSON.stringify(documentOf(fault)),
});
