import { App } from "aws-cdk-lib";
import { StaticSiteStack } from "../lib/static-site-stack.js";

const app = new App();

new StaticSiteStack(app, "StaticSite", { repository: "acme/website", branch: "main" });
