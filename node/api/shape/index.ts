// The shapes of the API's JSON: the only source of validation, of `/openapi.json`, and of the types.
export * from "./auction.js";
export * from "./document.js";
export * from "./event.js";
export * from "./ledger.js";
export * from "./node.js";
export * from "./problem.js";
export * from "./request.js";
export * from "./scalar.js";
