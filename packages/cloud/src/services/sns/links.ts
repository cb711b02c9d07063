import { isAwsError } from "../../kernel/errors.ts";
import type { Route } from "../../kernel/service.ts";
import { element, textElement, xmlnsAttribute } from "../../wire/xml-write.ts";

const namespace = xmlnsAttribute("http://sns.amazonaws.com/doc/2010-03-31/");

/** What the links in messages lead to: `GET /?Action=ConfirmSubscription&…` and `GET /?Action=Unsubscribe&…`, unsigned. */
export const links: Route = {
  name: "links",
  match({ method, path, query, headers }) {
    if (method !== "GET" || path !== "/" || !query.includes("Action=") || headers["authorization"] !== undefined)
      return undefined;
    const parameters = Object.fromEntries(new URLSearchParams(query));
    const arn =
      parameters["Action"] === "ConfirmSubscription"
        ? parameters["TopicArn"]
        : parameters["Action"] === "Unsubscribe"
          ? parameters["SubscriptionArn"]
          : undefined;
    const [, , service, region = "", account = ""] = arn?.split(":") ?? [];
    // What is signed is a call like any other.
    if (service !== "sns" || parameters["X-Amz-Signature"] !== undefined) return undefined;
    return { region, account, parameters };
  },
  async handle(ctx, _request, { parameters }) {
    const { Action = "", TopicArn = "", Token = "", SubscriptionArn = "", AuthenticateOnUnsubscribe } = parameters;
    const metadata = element("ResponseMetadata", textElement("RequestId", ctx.requestId));
    const answer = (status: number, name: string, content: string) => ({
      status,
      headers: { "content-type": "text/xml" },
      body: Buffer.from(element(name, content, namespace)),
    });
    try {
      if (Action === "Unsubscribe") {
        await ctx.call.sns.unsubscribe({ SubscriptionArn });
        return answer(200, "UnsubscribeResponse", metadata);
      }
      const confirmed = await ctx.call.sns.confirmSubscription({ TopicArn, Token, AuthenticateOnUnsubscribe });
      const told = textElement("SubscriptionArn", confirmed.SubscriptionArn ?? "");
      return answer(200, "ConfirmSubscriptionResponse", element("ConfirmSubscriptionResult", told) + metadata);
    } catch (error) {
      if (!isAwsError(error)) throw error;
      const told =
        textElement("Type", "Sender") + textElement("Code", error.code) + textElement("Message", error.message);
      return answer(error.status, "ErrorResponse", element("Error", told) + textElement("RequestId", ctx.requestId));
    }
  },
};
