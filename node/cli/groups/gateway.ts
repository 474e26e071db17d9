// `mabeam gateway`.
import { flag, jsonOption, type Row } from "../leaf.js";
import { path, wholeNumber } from "../parse.js";

const perMinute = wholeNumber(1, 1_000_000_000);

export const GATEWAY: Row = {
  words: "gateway",
  says: "share the limits of one API key among agents: a request that has no room waits for its turn",
  flags: [
    flag("--upstream <url>", "the API, such as https://api.openai.com").makeOptionMandatory(),
    flag(
      "--key-file <file>",
      "a file of one line, the API's key; clients send any",
      path,
    ).makeOptionMandatory(),
    flag("--rpm <n>", "requests a minute that the key may make", perMinute),
    flag("--tpm <n>", "tokens a minute, input and output together", perMinute),
    flag("--itpm <n>", "input tokens a minute, where the API counts them apart", perMinute),
    flag("--otpm <n>", "output tokens a minute, where the API counts them apart", perMinute),
    flag(
      "--listen <host:port>",
      "where clients find it (default: 127.0.0.1:4170); port 0 takes any free one",
    ),
    jsonOption(),
  ],
  alone: async () => (await import("../commands/gateway.js")).gateway,
};
