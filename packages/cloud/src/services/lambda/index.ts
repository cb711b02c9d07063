import { defineService } from "../../kernel/service.ts";
import { packages } from "./code/package-route.ts";
import { namesBlob } from "./code/packages.ts";
import { runtimeApi } from "./execution/runtime-api.ts";
import { eventQueue } from "./invoking/queue.ts";
import { createFunction } from "./operations/create-function.ts";
import * as functions from "./operations/functions.ts";
import { invoke } from "./operations/invoke.ts";
import * as updates from "./operations/update-function.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

export const lambda = defineService<Sdk>({
  id: "lambda",
  scope: "regional",
  tables,
  operations: { ...functions, ...updates, createFunction, invoke },
  controllers: [eventQueue],
  routes: [runtimeApi, packages],
  namesBlob,
});
