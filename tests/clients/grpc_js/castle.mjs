// A Node program that speaks gRPC to the daemon with npm's own library and the protos as they are:
//
//   node castle.mjs PROTO_FOLDER unix:SOCKET
//   node castle.mjs PROTO_FOLDER localhost:PORT CA [CERTIFICATE KEY]      over TLS, for files
//
// $TOKEN is shown with each call over TLS. Prints what it saw as one line of JSON.
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";
import { readdirSync, readFileSync } from "node:fs";

const [protos, target, ...files] = process.argv.slice(2);
const names = readdirSync(`${protos}/voxeld/v1`).map((name) => `voxeld/v1/${name}`);
const definition = protoLoader.loadSync(names, {
  includeDirs: [protos],
  keepCase: true,
  longs: Number,
});
const api = grpc.loadPackageDefinition(definition).voxeld.v1;

// What is shown over TLS: the authority that is trusted, a certificate of our own, a token.
const secure = () => {
  const [authority, certificate, key] = files.map((name) => readFileSync(name));
  const tls = grpc.credentials.createSsl(authority, key, certificate);
  if (!process.env.TOKEN) return tls;
  const token = grpc.credentials.createFromMetadataGenerator((_, done) => {
    const metadata = new grpc.Metadata();
    metadata.set("authorization", `Bearer ${process.env.TOKEN}`);
    done(null, metadata);
  });
  return grpc.credentials.combineChannelCredentials(tls, token);
};
const credentials = files.length ? secure() : grpc.credentials.createInsecure();
const client = (service) => new api[service](target, credentials);
const deadline = () => ({ deadline: Date.now() + 20000 });

const call = (stub, method, request) =>
  new Promise((resolve, reject) =>
    stub[method](request, deadline(), (error, response) =>
      error ? reject(error) : resolve(response),
    ),
  );

const projects = client("ProjectService");
const voxels = client("VoxelService");
const saw = {};

await call(projects, "Create", { project: "castle" });
const set = { project: "castle", voxels: { xyz: [1, 2, 3, 4, 5, 6], color: "#c33" } };
saw.changed = (await call(voxels, "Set", set)).change.voxels_changed;
saw.rgba = (await call(voxels, "Get", { project: "castle", xyz: [4, 5, 6] })).rgba;

try {
  await call(projects, "Get", { project: "nobody" });
} catch (error) {
  saw.code = error.code;
  saw.reason = error.metadata.get("voxeld-reason")[0];
}

// A stream of the server, and one of the client.
saw.blocks = 0;
const box = { min: [0, 0, 0], max: [8, 8, 8] };
for await (const part of voxels.ReadRegion({ project: "castle", box }, deadline())) {
  saw.blocks += part.block ? 1 : 0;
}
saw.written = await new Promise((resolve, reject) => {
  const upload = voxels.WriteRegion(deadline(), (error, response) =>
    error ? reject(error) : resolve(response.change.voxels_changed),
  );
  upload.write({ header: { project: "castle" } });
  upload.end({
    block: { box: { min: [10, 0, 0], max: [12, 2, 2] }, uniform: true, value: 0xff0000ff },
    last_part: true,
  });
});

// A stream without an end, left in the middle.
saw.watched = await new Promise((resolve) => {
  const watch = client("HistoryService").Watch({ project: "castle", after_revision: 1 });
  watch.on("data", (item) => {
    watch.cancel();
    resolve(item.revision?.revision ?? item.revision);
  });
  watch.on("error", () => {});
});
console.log(JSON.stringify(saw));
process.exit(0);
