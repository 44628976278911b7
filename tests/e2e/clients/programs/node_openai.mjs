// Every task with the SDK of OpenAI for Node; prints what came of each, as JSON.

import OpenAI from "openai";

const { BASE_URL, MODEL, EMBEDDER, PICTURE } = process.env;
const TOOL = {
  type: "function",
  function: {
    name: "weather",
    description: "The weather of a city.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

const client = (key = "KEY") => new OpenAI({ baseURL: BASE_URL, apiKey: process.env[key] });
const asked = (text) => [{ role: "user", content: text }];
const create = (given) => client().chat.completions.create({ model: MODEL, ...given });

async function models() {
  const listed = [];
  for await (const one of await client().models.list()) listed.push(one.id);
  return { listed, one: (await client().models.retrieve(MODEL)).id };
}

async function chat() {
  const done = await create({ messages: asked("hello") });
  return { text: done.choices[0].message.content, tokens: done.usage.total_tokens };
}

async function stream() {
  const found = { text: "", tokens: 0, chunks: 0 };
  const given = { stream: true, stream_options: { include_usage: true } };
  for await (const chunk of await create({ messages: asked("hello, word by word"), ...given })) {
    found.chunks += 1;
    found.text += chunk.choices[0]?.delta.content ?? "";
    found.tokens = chunk.usage?.total_tokens ?? found.tokens;
  }
  return found;
}

async function tool() {
  const messages = asked("How is the weather in Paris?");
  const first = await create({ messages, tools: [TOOL] });
  const message = first.choices[0].message;
  const [call] = message.tool_calls;
  messages.push(message, { role: "tool", tool_call_id: call.id, content: "sunny" });
  const second = await create({ messages, tools: [TOOL] });
  const { name, arguments: given } = call.function;
  return { name, arguments: JSON.parse(given), text: second.choices[0].message.content };
}

async function streamedTool() {
  const messages = asked("How is the weather in Paris?");
  const running = client().chat.completions.stream({ model: MODEL, messages, tools: [TOOL] });
  const [call] = (await running.finalChatCompletion()).choices[0].message.tool_calls;
  return { name: call.function.name, arguments: JSON.parse(call.function.arguments) };
}

async function image() {
  const content = [
    { type: "text", text: "What is this?" },
    { type: "image_url", image_url: { url: PICTURE } },
  ];
  const done = await create({ messages: [{ role: "user", content }] });
  return { text: done.choices[0].message.content };
}

async function embed() {
  const done = await client().embeddings.create({ model: EMBEDDER, input: ["one", "two"] });
  return { vectors: done.data.map((one) => Array.from(one.embedding)) };
}

async function failing({ key = "KEY", model = MODEL }) {
  try {
    await client(key).chat.completions.create({ model, messages: asked("hello") });
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error;
    const { status, code, message } = error;
    return { kind: error.constructor.name, status, code, text: message };
  }
  return {};
}

async function brokenOff() {
  let before = "";
  try {
    const messages = asked("break off, please");
    for await (const chunk of await create({ messages, stream: true })) {
      before += chunk.choices[0]?.delta.content ?? "";
    }
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error;
    return { text: error.message, before };
  }
  return {};
}

async function busy() {
  try {
    const given = { model: MODEL, messages: asked("be busy"), stream: true };
    await client().chat.completions.create(given, { maxRetries: 0 });
  } catch (error) {
    if (!(error instanceof OpenAI.RateLimitError)) throw error;
    return { status: error.status, text: error.message };
  }
  return {};
}

async function responses() {
  const done = await client().responses.create({ model: MODEL, input: "hello" });
  const running = client().responses.stream({ model: MODEL, input: "hello, word by word" });
  let streamed = "";
  for await (const event of running) {
    if (event.type === "response.output_text.delta") streamed += event.delta;
  }
  const { status } = await running.finalResponse();
  return { text: done.output_text, streamed, status };
}

const TASKS = {
  models,
  chat,
  stream,
  tool,
  streamed_tool: streamedTool,
  image,
  embed,
  bad_key: () => failing({ key: "WRONG_KEY" }),
  unknown_model: () => failing({ model: "nobody/knows" }),
  spent: () => failing({ key: "SPENT_KEY" }),
  broken_off: brokenOff,
  busy,
  responses,
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
