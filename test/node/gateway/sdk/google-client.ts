// Google's client.
import type { FunctionDeclaration } from "@google/genai";
import {
  type Client,
  EARLIER,
  FOUND,
  type Loose,
  optional,
  SAYS,
  SYSTEM,
  TOOL,
  taken,
  twice,
  WEATHER,
} from "./client.js";
import { GoogleGenAI } from "./modules.js";

export const google: Client = {
  name: "google",
  dialect: "google",
  ask({ url, key, timeoutMs }, wanted) {
    const client = new GoogleGenAI({
      apiKey: key,
      httpOptions: { baseUrl: url, ...optional("timeout", timeoutMs) },
    });
    return twice(wanted, async (called) => {
      const turn = (role: string, text: string) => ({ role, parts: [{ text }] });
      const declaration: FunctionDeclaration = {
        name: TOOL,
        description: SAYS,
        parametersJsonSchema: WEATHER,
      };
      const body: Loose = {
        model: "gemini-upstream",
        contents: [
          ...(wanted.shape === "turns"
            ? EARLIER.map((one) => turn(one.role === "user" ? "user" : "model", one.content))
            : []),
          turn("user", wanted.text),
          ...(called === null
            ? []
            : [
                { role: "model", parts: [{ functionCall: called.functionCall }] },
                { role: "user", parts: [{ functionResponse: { name: TOOL, response: { found: FOUND } } }] },
              ]),
        ],
        config: {
          maxOutputTokens: wanted.maxTokens,
          thinkingConfig: { thinkingBudget: 0 },
          ...(wanted.shape === "turns" ? { systemInstruction: SYSTEM } : {}),
          ...(wanted.shape === "tool" ? { tools: [{ functionDeclarations: [declaration] }] } : {}),
          ...optional("abortSignal", wanted.signal),
        },
      };
      const answer = wanted.isStream
        ? await client.models.generateContentStream(body)
        : await client.models.generateContent(body);
      const raw: Loose[] = await taken<Loose>(answer, wanted.onPiece);
      const parts: Loose[] = raw.flatMap((one) => one.candidates?.[0]?.content?.parts ?? []);
      const functionCall = parts.find((part) => part.functionCall)?.functionCall;
      return {
        text: parts.map((part) => part.text ?? "").join(""),
        isWhole: raw.some((one) => one.candidates?.[0]?.finishReason !== undefined),
        call: functionCall?.args ?? null,
        output: raw.at(-1)?.usageMetadata?.candidatesTokenCount ?? null,
        raw,
        ...{ functionCall },
      };
    });
  },
};
