// An agent's host made with the official MCP client: it builds a small house, looks at it, undoes a step.
//
//   node house.mjs stdio VOXCTL SOCKET     over voxctl mcp
//   node house.mjs http URL                over HTTP
//
// Prints what it saw as one line of JSON.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [kind, where, socket] = process.argv.slice(2);
const transport =
  kind === "http"
    ? new StreamableHTTPClientTransport(new URL(where))
    : new StdioClientTransport({ command: where, args: ["--socket", socket, "mcp"] });
const client = new Client({ name: "house-builder", version: "1.0.0" });
await client.connect(transport);

// The client checks structured answers against the output schemas that it has listed.
const { tools } = await client.listTools();
const call = async (name, args) => {
  const result = await client.callTool({ name, arguments: args });
  if (result.isError) throw new Error(`${name}: ${result.content[0].text}`);
  return result;
};

const project = "house";
const box = (min, max) => ({ min, max });
await call("create_project", { project });
const walls = await call("apply_edits", {
  project,
  edits: [
    { box: { box: box([0, 0, 0], [12, 10, 7]), color: "#e8dcc0", wall: 1 } },
    { clear: { box: box([5, 0, 1], [7, 1, 5]) } },
    { box: { box: box([2, 0, 3], [4, 1, 5]), color: "#ffd97a" } },
  ],
});
const roof = await call("apply_edits", {
  project,
  edits: [0, 1, 2, 3, 4].map((i) => ({
    box: { box: box([-1, i - 1, 7 + i], [13, 11 - i, 8 + i]), color: "#b5452f" },
  })),
});
const looked = await call("look", { project, views: ["front", "iso"], width: 128, height: 128 });
const before = await call("summarize", { project });
const undone = await call("undo", { project });
const after = await call("summarize", { project });
const refused = await client.callTool({ name: "summarize", arguments: { project: "nowhere" } });

const picture = looked.content.find((part) => part.type === "image");
console.log(
  JSON.stringify({
    server: client.getServerVersion().name,
    tools: tools.map((tool) => tool.name),
    walls: walls.structuredContent.change.voxels_changed,
    roof: roof.structuredContent.change.voxels_changed,
    picture: picture.data.slice(0, 8),
    mimeType: picture.mimeType,
    before: before.structuredContent.voxels,
    undone: undone.structuredContent.done,
    after: after.structuredContent.voxels,
    refused: refused.isError,
    session: transport.sessionId ?? null,
  }),
);
if (kind === "http") await transport.terminateSession();
await client.close();
