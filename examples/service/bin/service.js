import { App } from "aws-cdk-lib";
import { ServiceStack } from "../lib/service-stack.js";

const app = new App();

new ServiceStack(app, "Service", { repository: "acme/service", branch: "main" });
