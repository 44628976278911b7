// Every task with Vercel's AI SDK and its provider for servers like OpenAI's; prints JSON.

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany, generateText, stepCountIs, streamText, tool as aTool } from "ai";
import { z } from "zod";

const { BASE_URL, MODEL, EMBEDDER, PICTURE } = process.env;
const QUESTION = "How is the weather in Paris?";

const provider = (key = "KEY") =>
  createOpenAICompatible({
    name: "nellie",
    baseURL: BASE_URL,
    apiKey: process.env[key],
    includeUsage: true,
  });
const model = provider().chatModel(MODEL);
const weather = aTool({
  description: "The weather of a city.",
  inputSchema: z.object({ city: z.string() }),
  execute: async () => "sunny",
});

async function chat() {
  const done = await generateText({ model, prompt: "hello" });
  return { text: done.text, tokens: done.usage.totalTokens };
}

async function stream() {
  const running = streamText({ model, prompt: "hello, word by word" });
  const found = { text: "", tokens: 0, chunks: 0 };
  for await (const piece of running.textStream) {
    found.text += piece;
    found.chunks += 1;
  }
  found.tokens = (await running.usage).totalTokens;
  return found;
}

async function tool() {
  const given = { model, prompt: QUESTION, tools: { weather }, stopWhen: stepCountIs(2) };
  const done = await generateText(given);
  const [call] = done.steps[0].toolCalls;
  return { name: call.toolName, arguments: call.input, text: done.text };
}

async function streamedTool() {
  const running = streamText({ model, prompt: QUESTION, tools: { weather } });
  const [call] = await running.toolCalls;
  return { name: call.toolName, arguments: call.input };
}

async function image() {
  const content = [
    { type: "text", text: "What is this?" },
    { type: "file", mediaType: "image/png", data: PICTURE.split(",")[1] },
  ];
  return { text: (await generateText({ model, messages: [{ role: "user", content }] })).text };
}

async function embed() {
  const embedder = provider().embeddingModel(EMBEDDER);
  const { embeddings } = await embedMany({ model: embedder, values: ["one", "two"] });
  return { vectors: embeddings };
}

async function failing({ key = "KEY", name = MODEL }) {
  try {
    await generateText({ model: provider(key).chatModel(name), prompt: "hello" });
  } catch (error) {
    const last = error.lastError ?? error;
    if (!APICallError.isInstance(last)) throw error;
    const { code } = JSON.parse(last.responseBody).error;
    return { kind: "APICallError", status: last.statusCode, code, text: last.message };
  }
  return {};
}

const TASKS = {
  chat,
  stream,
  tool,
  streamed_tool: streamedTool,
  image,
  embed,
  bad_key: () => failing({ key: "WRONG_KEY" }),
  unknown_model: () => failing({ name: "nobody/knows" }),
  spent: () => failing({ key: "SPENT_KEY" }),
};

const found = {};
for (const [name, task] of Object.entries(TASKS)) {
  try {
    found[name] = await task();
  } catch (error) {
    found[name] = { failed: `${error.constructor.name}: ${error.message}` };
  }
}
console.log(JSON.stringify(found));
