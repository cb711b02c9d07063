import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parseUserData } from "./user-data.ts";

const read = (text: string) => parseUserData(Buffer.from(text).toString("base64"));

describe("user data", () => {
  it("is a script as it is, also where it was packed", () => {
    const text = "#!/bin/bash\necho hello\n";
    const expected = { scripts: [{ name: "user data", text }], complaints: [] };
    expect(read(text)).toEqual(expected);
    expect(parseUserData(gzipSync(text).toString("base64"))).toEqual(expected);
    expect(read("")).toEqual({ scripts: [], complaints: [] });
  });

  it("may be several parts, one of them in base64", () => {
    const message = [
      'Content-Type: multipart/mixed; boundary="==B=="',
      "MIME-Version: 1.0",
      "",
      "--==B==",
      'Content-Type: text/x-shellscript; charset="us-ascii"',
      'Content-Disposition: attachment; filename="first.sh"',
      "",
      "#!/bin/sh",
      "echo one",
      "--==B==",
      "Content-Type: text/x-shellscript",
      "Content-Transfer-Encoding: base64",
      "",
      Buffer.from("#!/bin/sh\necho two\n").toString("base64"),
      "--==B==",
      "Content-Type: text/jinja2",
      "",
      "{{ x }}",
      "--==B==--",
      "",
    ].join("\r\n");
    expect(read(message)).toEqual({
      scripts: [
        { name: "first.sh", text: "#!/bin/sh\r\necho one" },
        { name: "part 2", text: "#!/bin/sh\necho two\n" },
      ],
      complaints: ["part 3: text/jinja2 is not supported. It is not carried out."],
    });
  });

  it("may be a cloud-config, of which the commands are run and the rest is complained of", () => {
    expect(read("#cloud-config\nruncmd:\n  - echo 1\n  - [echo, it's]\npackages: [httpd]\n")).toEqual({
      scripts: [{ name: "user data: runcmd", text: "echo 1\n'echo' 'it'\\''s'" }],
      complaints: [
        "user data: packages of a cloud-config is not supported, bootcmd and runcmd are. It is not carried out.",
      ],
    });
    expect(read("#include\nhttp://example.com/script").complaints).toEqual([
      "user data: #include is not supported. It is not carried out.",
    ]);
  });
});
