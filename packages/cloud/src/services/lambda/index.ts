import { defineService } from "../../kernel/service.ts";
import { packages } from "./code/package-route.ts";
import { namesBlob } from "./code/packages.ts";
import { runtimeApi } from "./execution/runtime-api.ts";
import { mappings } from "./event-sources/lifecycle.ts";
import { shards } from "./event-sources/shards.ts";
import { eventQueue } from "./invoking/queue.ts";
import * as concurrencyAndTags from "./operations/concurrency-and-tags.ts";
import { createFunction } from "./operations/create-function.ts";
import * as eventInvokeConfigs from "./operations/event-invoke-configs.ts";
import * as eventSourceMappings from "./operations/event-source-mappings.ts";
import * as functions from "./operations/functions.ts";
import { invoke } from "./operations/invoke.ts";
import * as layers from "./operations/layers.ts";
import * as permissions from "./operations/permissions.ts";
import * as updates from "./operations/update-function.ts";
import * as urls from "./operations/urls.ts";
import * as versions from "./operations/versions.ts";
import { layerVersionPermission, permission, url } from "./resources/access.ts";
import { eventInvokeConfig } from "./resources/event-invoke-config.ts";
import { eventSourceMapping } from "./resources/event-source-mapping.ts";
import { lambdaFunction } from "./resources/function.ts";
import { layerVersion } from "./resources/layer-version.ts";
import { alias, version } from "./resources/versions.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";
import { crossOrigin, functionUrls } from "./url/route.ts";

export const lambda = defineService<Sdk>({
  id: "lambda",
  scope: "regional",
  tables,
  operations: {
    ...concurrencyAndTags,
    ...eventInvokeConfigs,
    ...eventSourceMappings,
    ...functions,
    ...layers,
    ...permissions,
    ...updates,
    ...urls,
    ...versions,
    createFunction,
    invoke,
  },
  controllers: [eventQueue, mappings, shards],
  routes: [runtimeApi, packages, functionUrls],
  crossOrigin,
  resources: {
    "AWS::Lambda::Alias": alias,
    "AWS::Lambda::EventInvokeConfig": eventInvokeConfig,
    "AWS::Lambda::EventSourceMapping": eventSourceMapping,
    "AWS::Lambda::Function": lambdaFunction,
    "AWS::Lambda::LayerVersion": layerVersion,
    "AWS::Lambda::LayerVersionPermission": layerVersionPermission,
    "AWS::Lambda::Permission": permission,
    "AWS::Lambda::Url": url,
    "AWS::Lambda::Version": version,
  },
  namesBlob,
});
