// Finds a nodejs function's handler: `folder/index.member.handler` is the export `member.handler` of folder/index.
// @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
"use strict";
const { existsSync, readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

function named(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** Splits the name of a handler. */
function parseHandler(handler) {
  if (handler.includes(".."))
    throw named(
      "Runtime.MalformedHandlerName",
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  const base = path.basename(handler);
  const match = /^([^.]*)\.(.+)$/.exec(base);
  if (match === null) throw named("Runtime.MalformedHandlerName", "Bad handler");
  return { file: path.join(handler.slice(0, handler.length - base.length), match[1]), members: match[2].split(".") };
}

/** Whether a .js file is a module by the nearest package.json. */
function isModule(file) {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const manifest = path.join(folder, "package.json");
    if (existsSync(manifest)) {
      try {
        return JSON.parse(readFileSync(manifest, "utf8")).type === "module";
      } catch {
        return false;
      }
    }
    if (path.dirname(folder) === folder || path.basename(folder) === "node_modules") return false;
  }
}

async function loadModule(root, file) {
  const whole = path.resolve(root, file);
  const plain = [whole, `${whole}.js`].find((candidate) => existsSync(candidate) && path.extname(candidate) === ".js");
  if (plain !== undefined && !isModule(plain)) return require(plain);
  const esm = plain ?? [`${whole}.mjs`].find(existsSync);
  if (esm !== undefined) return import(pathToFileURL(esm).href);
  if (existsSync(`${whole}.cjs`)) return require(`${whole}.cjs`);
  // As AWS's own client does: a name that is no file is looked up as a package of the function's.
  return createRequire(path.join(root, "index.js"))(existsSync(whole) ? whole : `./${file}`);
}

async function load(root, handlerName) {
  const { file, members } = parseHandler(handlerName);
  let loaded;
  try {
    loaded = await loadModule(root, file);
  } catch (error) {
    if (error instanceof SyntaxError) {
      const wrong = named("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`);
      wrong.stack = `${wrong.name}: ${error.stack}`;
      throw wrong;
    }
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND") {
      const message = error.message.replace(`'./${file}'`, `'${file}'`);
      throw named("Runtime.ImportModuleError", `Error: ${message}`);
    }
    throw error;
  }
  const find = (from) => members.reduce((value, member) => value?.[member], from);
  const handler = find(loaded) ?? find(loaded.default);
  if (handler === undefined || handler === null)
    throw named("Runtime.HandlerNotFound", `${handlerName} is undefined or not exported`);
  if (typeof handler !== "function") throw named("Runtime.HandlerNotFound", `${handlerName} is not a function`);
  const owner =
    members.length === 1
      ? undefined
      : members
          .slice(0, -1)
          .reduce((value, member) => value?.[member], find(loaded) === undefined ? loaded.default : loaded);
  return owner === undefined
    ? handler
    : Object.defineProperty(handler.bind(owner), "length", { value: handler.length });
}

module.exports = { load, parseHandler };
