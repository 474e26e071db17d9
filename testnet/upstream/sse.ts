// Server-sent events as the families of APIs frame them.
export const EVENT_STREAM = "text/event-stream; charset=utf-8";

/** An event without a name. */
export const sse = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

/** An event with the name that its data's `type` has too. */
export const sseNamed = <T extends { readonly type: string }>(data: T): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
