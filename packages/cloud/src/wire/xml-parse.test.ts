import { assert, property, string } from "fast-check";
import { expect, it } from "vitest";
import { parseXml, XmlSyntaxError } from "./xml-parse.ts";
import { escapeXml } from "./xml-write.ts";

it("reads elements, attributes, text, CDATA and references, without prefixes", () => {
  const document = `\uFEFF<?xml version="1.0"?><!-- c --><s:a xmlns:s="u" s:type='x &gt; y'>
    <b>1 &amp;&#32;&#x32;</b><b><![CDATA[<&amp;>]]> &lt;</b><!-- <c> --><d/></s:a>`;
  const { name, attributes, children } = parseXml(document);
  expect({ name, attributes }).toEqual({ name: "a", attributes: { type: "x > y" } });
  expect(children.map((child) => [child.name, child.text])).toEqual([
    ["b", "1 & 2"],
    ["b", "<&amp;> <"],
    ["d", ""],
  ]);
});

it("reads back every text that was written", () =>
  assert(
    property(string({ unit: "binary" }), (text) => {
      const written = text.replaceAll("\0", "");
      expect(parseXml(`<a>${escapeXml(written)}</a>`).text).toBe(written);
    }),
  ));

it.each([
  ["", "nothing"],
  ["hello", "no element"],
  ["<a>", "an element that is not closed"],
  ["<a><b></a></b>", "elements that cross"],
  ["<a/><b/>", "two roots"],
  ["<a/>text", "text after the root"],
  ["<a b=c/>", "an attribute without quotes"],
  ["<a b/>", "an attribute without value"],
  ["<a>&boom;</a>", "an entity that is not XML's own"],
  ["<a>&amp</a>", "a reference that does not end"],
  ["<a>&#0;</a>", "a reference to no character"],
  ["<a>&#xD800;</a>", "a reference to half a character"],
  ["<a><![CDATA[x</a>", "CDATA that does not end"],
  ["<1a/>", "a name that begins with a digit"],
  ['<!DOCTYPE a [<!ENTITY e "boom">]><a>&e;</a>', "a document type"],
  ['<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "an external document type"],
  ["<a>".repeat(5000), "a depth without reason"],
])("refuses %s: %s", (document) => {
  expect(() => parseXml(document)).toThrow(XmlSyntaxError);
});

it("refuses a large document at once, whatever it repeats", () => {
  for (const unit of ["<", "&", "<a ", "<!--", "<![CDATA[", "&#x", 'a="']) {
    expect(() => parseXml(unit.repeat(200_000))).toThrow(XmlSyntaxError);
  }
});
