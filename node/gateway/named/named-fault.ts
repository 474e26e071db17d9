// Why the owner's word about named agents is not taken: as values, for whoever asked.

export type NamedFaultCode =
  | "GATEWAY_AGENT_UNKNOWN"
  | "GATEWAY_AGENT_EXISTS"
  | "GATEWAY_AGENT_BUILT_IN"
  | "GATEWAY_AGENT_HAS_CHILDREN"
  | "GATEWAY_AGENTS_IN_A_CIRCLE"
  | "GATEWAY_AGENTS_TOO_DEEP"
  | "GATEWAY_AGENTS_FULL";

export interface NamedFault {
  readonly code: NamedFaultCode;
  readonly detail: Readonly<Record<string, string | number>>;
}

export const named = (code: NamedFaultCode, detail: NamedFault["detail"]): NamedFault => ({ code, detail });
