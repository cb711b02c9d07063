import { Buffer } from "node:buffer";
import yazl from "yazl";

/** A fixed time, so that the same text makes the same archive. */
const mtime = new Date(Date.UTC(1980, 0, 1, 12));

/** What `require("cfn-response")` gives: the same functions as AWS's module, over whichever scheme the URL has. */
const nodeResponse = `exports.SUCCESS = "SUCCESS";
exports.FAILED = "FAILED";

exports.send = function (event, context, responseStatus, responseData, physicalResourceId, noEcho) {
  const body = JSON.stringify({
    Status: responseStatus,
    Reason: "See the details in CloudWatch Log Stream: " + context.logStreamName,
    PhysicalResourceId: physicalResourceId || context.logStreamName,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    NoEcho: noEcho || false,
    Data: responseData,
  });
  console.log("Response body:\\n", body);
  const url = new URL(event.ResponseURL);
  const client = url.protocol === "https:" ? require("https") : require("http");
  const headers = { "content-type": "", "content-length": Buffer.byteLength(body) };
  const request = client.request(url, { method: "PUT", headers }, (response) => {
    response.resume();
    console.log("Status code: " + parseInt(response.statusCode));
    context.done();
  });
  request.on("error", (error) => {
    console.log("send(..) failed executing http.request(..): " + error);
    context.done();
  });
  request.end(body);
};
`;

/** What `import cfnresponse` gives. */
const pythonResponse = `import json
import urllib.request

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False, reason=None):
    body = json.dumps({
        "Status": responseStatus,
        "Reason": reason or "See the details in CloudWatch Log Stream: {}".format(context.log_stream_name),
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    })
    print("Response body:")
    print(body)
    try:
        request = urllib.request.Request(
            event["ResponseURL"], data=body.encode("utf-8"), headers={"content-type": ""}, method="PUT"
        )
        with urllib.request.urlopen(request) as response:
            print("Status code:", response.status)
    except Exception as error:
        print("send(..) failed executing http.request(..):", error)
`;

/** Text that is no larger than this may stand in a template. */
const largestInlineBytes = 4 * 1024 ** 2;

/**
 * The archive of a function whose code stands in its template: `index.js` or `index.py`, with the module that answers
 * custom resources.
 *
 * @throws Error for a runtime that has no inline code
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
 */
export async function inlineArchive(text: string, runtime: string): Promise<Buffer> {
  const isPython = runtime.startsWith("python");
  if (!isPython && !runtime.startsWith("nodejs"))
    throw new Error("ZipFile can only be used when Runtime is set to either of nodejs and python.");
  if (Buffer.byteLength(text) > largestInlineBytes) throw new Error("Code.ZipFile is longer than 4 MB.");
  const zip = new yazl.ZipFile();
  zip.addBuffer(Buffer.from(text), isPython ? "index.py" : "index.js", { mtime });
  if (isPython) zip.addBuffer(Buffer.from(pythonResponse), "cfnresponse.py", { mtime });
  else zip.addBuffer(Buffer.from(nodeResponse), "node_modules/cfn-response/index.js", { mtime });
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
