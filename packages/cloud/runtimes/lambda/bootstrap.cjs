// The runtime client of nodejs functions: takes events from the Runtime API, calls the handler, and tells how it went.
// It is run by the host's Node, on its own: it must not need anything that is not Node's.
// @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"use strict";
const http = require("node:http");
const { formatWithOptions } = require("node:util");
const { load } = require("./load-handler.cjs");

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const isJson = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
const levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const lowest = isJson ? Math.max(0, levels.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL ?? "TRACE")) : 0;
/** The invocation that is going on; undefined before the first and between two. */
let current;
/** What is done when nothing is left to do and the handler has not answered. */
let whenIdle;

function call(method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host, port, agent, method, path: `/2018-06-01/runtime${path}`, headers },
      (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
        );
        response.on("error", reject);
      },
    );
    request.on("error", (error) => {
      // A connection that was kept may be closed just when it is used again.
      if (request.reusedSocket && error.code === "ECONNRESET") resolve(call(method, path, headers, body));
      else reject(error);
    });
    request.end(body);
  });
}

/** An event of the log is one line: line ends within are told as carriage returns. */
const oneLine = (text) => text.replace(/\r?\n/g, "\r");

function log(level, parts) {
  if (levels.indexOf(level) < lowest) return;
  const timestamp = new Date().toISOString();
  const requestId = current?.id;
  if (!isJson) {
    const text = formatWithOptions({}, ...parts);
    process.stdout.write(`${timestamp}\t${requestId ?? "undefined"}\t${level}\t${oneLine(text)}\n`);
    return;
  }
  const [first] = parts;
  const plain = parts.length === 1 && typeof first === "object" && first !== null && !(first instanceof Error);
  const error = parts.find((part) => part instanceof Error);
  const message = plain ? first : formatWithOptions({}, ...parts);
  const line = { timestamp, level, requestId, message };
  if (error !== undefined)
    Object.assign(line, { errorType: error.name, errorMessage: error.message, stackTrace: traceOf(error) });
  let text;
  try {
    text = JSON.stringify(line);
  } catch {
    text = JSON.stringify({ ...line, message: formatWithOptions({}, ...parts) });
  }
  process.stdout.write(`${text}\n`);
}

for (const [method, level] of Object.entries({
  trace: "TRACE",
  debug: "DEBUG",
  log: "INFO",
  info: "INFO",
  warn: "WARN",
  error: "ERROR",
}))
  console[method] = (...parts) => log(level, parts);

const traceOf = (error) => (typeof error.stack === "string" ? error.stack.split("\n") : []);

/** What a caller is told of something that was thrown. */
function shapeOf(thrown) {
  if (
    thrown instanceof Error ||
    (typeof thrown === "object" && thrown !== null && "message" in thrown && "name" in thrown)
  ) {
    return {
      errorType: String(thrown.name).replace(/\x7F/g, "%7F"),
      errorMessage: String(thrown.message),
      trace: traceOf(thrown),
    };
  }
  return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
}

/** Writes a line as AWS's own client does, with the error's other members. */
function logError(title, thrown) {
  if (isJson) return log("ERROR", [thrown instanceof Error ? thrown : shapeOf(thrown)]);
  const { errorType, errorMessage, trace } = shapeOf(thrown);
  const own = typeof thrown === "object" && thrown !== null ? thrown : {};
  let text;
  try {
    text = JSON.stringify({ errorType, errorMessage, ...own, stack: trace });
  } catch {
    text = JSON.stringify({ errorType, errorMessage, stack: trace });
  }
  log("ERROR", [`${title}\t${text}`]);
}

const jsonType = { "content-type": "application/json" };

async function tellError(path, thrown) {
  const shape = shapeOf(thrown);
  await call(
    "POST",
    path,
    { ...jsonType, "lambda-runtime-function-error-type": shape.errorType },
    JSON.stringify(shape),
  );
}

/** Ends the environment: what has gone wrong is not of one invocation alone. */
async function fatal(title, thrown, exitCode) {
  logError(title, thrown);
  const invocation = current;
  try {
    await tellError(invocation === undefined ? "/init/error" : `/invocation/${invocation.id}/error`, thrown);
  } finally {
    process.exit(exitCode);
  }
}

process.on("uncaughtException", (error) => void fatal("Uncaught Exception", error, 129));
process.on("unhandledRejection", (reason) => {
  const error = new Error(reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason));
  error.name = "Runtime.UnhandledPromiseRejection";
  error.reason = reason;
  void fatal("Unhandled Promise Rejection", error, 128);
});
process.on("beforeExit", () => {
  const act = whenIdle;
  whenIdle = undefined;
  act?.();
});

function parse(header) {
  return header === undefined ? undefined : JSON.parse(header);
}

function contextOf(id, headers, settle) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    clientContext: parse(headers["lambda-runtime-client-context"]),
    identity: parse(headers["lambda-runtime-cognito-identity"]),
    getRemainingTimeInMillis: () => deadline - Date.now(),
    done: (error, result) => settle(error, result),
    succeed: (result) => settle(null, result),
    fail: (error) => settle(error ?? "handled"),
  };
}

/**
 * The handlers that AWS itself writes answer a custom resource with `https.request({ hostname, path })`, whatever scheme
 * and port the URL has. Here it has both, so such a request is sent there.
 */
function reachCustomResources(event) {
  if (typeof event?.ResponseURL !== "string" || typeof event.RequestType !== "string") return;
  const to = new URL(event.ResponseURL);
  const https = require("node:https");
  if (to.protocol !== "http:" || https.request.trysail === true) return;
  const original = https.request;
  https.request = function request(options, ...others) {
    const isOurs =
      typeof options === "object" &&
      (options.hostname ?? options.host) === to.hostname &&
      typeof options.path === "string" &&
      options.path.startsWith("/_trysail/cloudformation/answers/");
    if (!isOurs) return original.call(this, options, ...others);
    return http.request({ ...options, protocol: "http:", port: to.port, agent: undefined }, ...others);
  };
  https.request.trysail = true;
  require("node:module").syncBuiltinESMExports();
}

/** Calls the handler. Resolves to what it answers, throws what it throws. */
function invoke(handler, event, invocation, headers) {
  return new Promise((resolve, reject) => {
    let isSettled = false;
    const settle = (error, result) => {
      if (isSettled) return;
      isSettled = true;
      const tell = () => (error === null || error === undefined ? resolve(result) : reject(error));
      if (context.callbackWaitsForEmptyEventLoop) whenIdle = tell;
      else setImmediate(tell);
    };
    const context = contextOf(invocation.id, headers, settle);
    // A handler that leaves nothing to wait for has answered with nothing.
    whenIdle = () => resolve(null);
    const result = handler(event, context, settle);
    if (typeof result?.then === "function") result.then(resolve, reject);
    else if (handler.length < 3 && result !== undefined && !isSettled) {
      // As in AWS: what a plain function returns is no answer.
    }
  });
}

function serialise(result) {
  try {
    return JSON.stringify(result === undefined ? null : result);
  } catch (error) {
    const wrong = new Error("Unable to stringify response body");
    wrong.name = "Runtime.MalformedResponse";
    wrong.cause = error;
    throw wrong;
  }
}

async function main() {
  let handler;
  try {
    handler = await load(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
    if (handler.length >= 3 && /^nodejs(2[4-9]|[3-9]\d)\.x$/.test(process.env.TRYSAIL_LAMBDA_RUNTIME ?? "")) {
      const error = new Error(
        "AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.",
      );
      error.name = "Runtime.CallbackHandlerDeprecated";
      throw error;
    }
  } catch (error) {
    await fatal("Uncaught Exception", error, 1);
    return;
  }
  for (;;) {
    const { status, headers, body } = await call("GET", "/invocation/next").catch(() => ({ status: 0 }));
    // The environment is being ended.
    if (status !== 200) process.exit(0);
    const id = headers["lambda-runtime-aws-request-id"];
    current = { id };
    if (headers["lambda-runtime-trace-id"] !== undefined)
      process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
    let answer;
    try {
      const event = JSON.parse(body.toString());
      reachCustomResources(event);
      answer = serialise(await invoke(handler, event, current, headers));
    } catch (error) {
      whenIdle = undefined;
      logError("Invoke Error", error);
      await tellError(`/invocation/${id}/error`, error);
      current = undefined;
      continue;
    }
    whenIdle = undefined;
    await call("POST", `/invocation/${id}/response`, jsonType, answer);
    current = undefined;
  }
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
