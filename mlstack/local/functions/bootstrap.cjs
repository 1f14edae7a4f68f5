// Runs inside a Node function's process: loads the handler, then answers one event a line.
// Arguments: the descriptor to read events from, the one to write answers to, the handler, the code's folder,
// and the local AWS's port with the path of the answers of custom resources.
"use strict";
const dns = require("dns");
const fs = require("fs");
const http = require("http");
const https = require("https");
const path = require("path");
const readline = require("readline");
const { pathToFileURL } = require("url");

const [events, answers] = process.argv.slice(2, 4).map(Number);
const [handler, folder, port, route] = process.argv.slice(4);

// CloudFormation's ResponseURL is https without a port, and handlers rebuild it from host and path alone.
// Ours is http with a port: exactly these requests are led there, every other one is left as it is.
const request = https.request;
https.request = (options, ...rest) =>
  options && options.hostname === "localhost" && String(options.path).startsWith(route)
    ? http.request({ ...options, port }, ...rest)
    : request(options, ...rest);

// The SDK puts a bucket's name before the endpoint's: bucket.localhost is this machine (RFC 6761), whatever the resolver says.
const lookup = dns.lookup;
dns.lookup = (name, ...rest) => lookup(String(name).endsWith(".localhost") ? "localhost" : name, ...rest);

function failure(error) {
  const known = error instanceof Error;
  return {
    errorType: known ? error.name : "Error",
    errorMessage: known ? error.message : String(error),
    trace: known ? String(error.stack).split("\n") : [],
  };
}

function say(ok, payload) {
  let rest = Buffer.from(JSON.stringify({ ok, payload: JSON.stringify(payload === undefined ? null : payload) }) + "\n");
  while (rest.length > 0) {
    try {
      rest = rest.subarray(fs.writeSync(answers, rest));
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

async function load() {
  const cut = handler.lastIndexOf(".");
  const stem = path.join(folder, handler.slice(0, cut));
  const file = [".js", ".mjs", ".cjs"].map((end) => stem + end).find((name) => fs.existsSync(name));
  if (!file) throw Object.assign(new Error(`Cannot find module '${handler.slice(0, cut)}'`), { name: "Runtime.ImportModuleError" });
  const loaded = file.endsWith(".mjs") ? await import(pathToFileURL(file).href) : require(file);
  const handle = loaded[handler.slice(cut + 1)];
  if (typeof handle !== "function")
    throw Object.assign(new Error(`${handler} is undefined or not exported`), { name: "Runtime.HandlerNotFound" });
  return handle;
}

function context(said) {
  const deadline = Date.now() + said.timeout_s * 1000;
  return {
    awsRequestId: said.request_id,
    invokedFunctionArn: said.arn,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function run(handle, asked) {
  return new Promise((resolve, reject) => {
    const callback = (error, answer) => (error ? reject(error) : resolve(answer));
    const answer = handle(asked.event, context(asked.context), callback);
    if (answer && typeof answer.then === "function") answer.then(resolve, reject);
    else if (handle.length < 3) resolve(answer);
  });
}

async function main() {
  let handle;
  try {
    handle = await load();
    say(true, null);
  } catch (error) {
    say(false, failure(error));
    return;
  }
  for await (const line of readline.createInterface({ input: fs.createReadStream(null, { fd: events }) })) {
    try {
      say(true, await run(handle, JSON.parse(line)));
    } catch (error) {
      console.error(error);
      say(false, failure(error));
    }
  }
}

main().then(() => process.exit(0));
