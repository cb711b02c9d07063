import { defineService } from "../../kernel/service.ts";
import { dataPlane } from "./data-plane.ts";
import { health } from "./health.ts";
import { instances } from "./instances.ts";
import { describeAccountLimits, describeSSLPolicies } from "./operations/account.ts";
import * as attributes from "./operations/attributes.ts";
import {
  addListenerCertificates,
  describeListenerCertificates,
  removeListenerCertificates,
} from "./operations/listener-certificates.ts";
import { createListener, deleteListener, describeListeners, modifyListener } from "./operations/listeners.ts";
import {
  createLoadBalancer,
  deleteLoadBalancer,
  describeLoadBalancers,
  setIpAddressType,
  setSecurityGroups,
  setSubnets,
} from "./operations/load-balancers.ts";
import * as rules from "./operations/rules.ts";
import * as tags from "./operations/tags.ts";
import {
  createTargetGroup,
  deleteTargetGroup,
  describeTargetGroups,
  modifyTargetGroup,
} from "./operations/target-groups.ts";
import { deregisterTargets, describeTargetHealth, registerTargets } from "./operations/targets.ts";
import { resources } from "./resources/index.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";
import { traffic } from "./traffic.ts";

export const elasticloadbalancing = defineService<Sdk>({
  id: "elasticloadbalancing",
  scope: "regional",
  tables,
  operations: {
    addListenerCertificates,
    createListener,
    createLoadBalancer,
    createTargetGroup,
    deleteListener,
    deleteLoadBalancer,
    deleteTargetGroup,
    deregisterTargets,
    describeAccountLimits,
    describeListenerCertificates,
    describeListeners,
    describeLoadBalancers,
    describeSSLPolicies,
    describeTargetGroups,
    describeTargetHealth,
    modifyListener,
    modifyTargetGroup,
    registerTargets,
    removeListenerCertificates,
    setIpAddressType,
    setSecurityGroups,
    setSubnets,
    ...attributes,
    ...rules,
    ...tags,
  },
  controllers: [dataPlane, health, traffic],
  subscriptions: [instances],
  resources,
});
