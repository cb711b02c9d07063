import type { Certificate } from "@aws-sdk/client-elastic-load-balancing-v2";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";

const certificatesIn = (properties: Properties) => (properties["Certificates"] ?? []) as readonly Certificate[];

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenercertificate.html */
export const listenerCertificate: ResourceType = {
  properties: ["Certificates", "ListenerArn"],
  required: ["Certificates", "ListenerArn"],
  replacedBy: ["ListenerArn"],

  async create(ctx, properties, request) {
    const ListenerArn = String(properties["ListenerArn"]);
    await ctx.call.elasticloadbalancing.addListenerCertificates({
      ListenerArn,
      Certificates: [...certificatesIn(properties)],
    });
    const id = `${ListenerArn}/${request.logicalId}`;
    return { status: "done", id, attributes: { Id: id } };
  },

  async update(ctx, id, properties, previous) {
    const ListenerArn = String(properties["ListenerArn"]);
    const [now, before] = [certificatesIn(properties), certificatesIn(previous)];
    const gone = before.filter((one) => !now.some(({ CertificateArn }) => CertificateArn === one.CertificateArn));
    const { elasticloadbalancing: elb } = ctx.call;
    await elb.addListenerCertificates({ ListenerArn, Certificates: [...now] });
    if (gone.length > 0) await elb.removeListenerCertificates({ ListenerArn, Certificates: gone });
    return { status: "done", id, attributes: { Id: id } };
  },

  async remove(ctx, _, properties) {
    try {
      await ctx.call.elasticloadbalancing.removeListenerCertificates({
        ListenerArn: String(properties["ListenerArn"]),
        Certificates: [...certificatesIn(properties)],
      });
    } catch (error) {
      if (!isAwsError(error, "ListenerNotFound")) throw error;
    }
    return { status: "done" };
  },
};
