// The newest official clients. They want a newer Node than this project, so they are installed here, and only by `npm run test:clients`.
export { default as Anthropic } from "@anthropic-ai/sdk";
export { GoogleGenAI } from "@google/genai";
export { AzureOpenAI, default as OpenAI } from "openai";
