#!/usr/bin/env node
// In the repository from the first, where dist/ is not: npm links only commands whose file is there.
import "../dist/main.js";
