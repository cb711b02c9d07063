import { defineService } from "../../kernel/service.ts";
import { createConnection, deleteConnection, getConnection, listConnections } from "./operations/connections.ts";
import { createHost, deleteHost, getHost, listHosts, updateHost } from "./operations/hosts.ts";
import { listTagsForResource, tagResource, untagResource } from "./operations/tags.ts";
import { codeConnection, codeStarConnection } from "./resources/connection.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

export const codestarConnections = defineService<Sdk>({
  id: "codestar-connections",
  scope: "regional",
  tables,
  operations: {
    createConnection,
    createHost,
    deleteConnection,
    deleteHost,
    getConnection,
    getHost,
    listConnections,
    listHosts,
    listTagsForResource,
    tagResource,
    untagResource,
    updateHost,
  },
  resources: {
    "AWS::CodeConnections::Connection": codeConnection,
    "AWS::CodeStarConnections::Connection": codeStarConnection,
  },
});
