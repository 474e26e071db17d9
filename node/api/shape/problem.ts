// A refusal as RFC 9457 tells it, with what a program needs beside: a code, whether to try again, and the remedy.
import { z } from "zod";
import { schemas } from "./document.js";

export const problemDocument = z.strictObject({
  type: z.string().describe("urn:mabeam:problem:<code>"),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
  code: z.string(),
  retryable: z.boolean(),
  /** the command or change that helps */
  fix: z.string(),
  /** what the refusal rests on, such as the two amounts that were compared */
  context: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
  /** where a request does not have its shape */
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});
export type ProblemDocument = z.output<typeof problemDocument>;

schemas.add(problemDocument, { id: "Problem" });
