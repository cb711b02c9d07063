import type { ResourceType } from "../../../kernel/resource.ts";
import { listenerCertificate } from "./listener-certificate.ts";
import { listenerRule } from "./listener-rule.ts";
import { listener } from "./listener.ts";
import { loadBalancer } from "./load-balancer.ts";
import { targetGroup } from "./target-group.ts";

export const resources: Readonly<Record<string, ResourceType>> = {
  "AWS::ElasticLoadBalancingV2::Listener": listener,
  "AWS::ElasticLoadBalancingV2::ListenerCertificate": listenerCertificate,
  "AWS::ElasticLoadBalancingV2::ListenerRule": listenerRule,
  "AWS::ElasticLoadBalancingV2::LoadBalancer": loadBalancer,
  "AWS::ElasticLoadBalancingV2::TargetGroup": targetGroup,
};
