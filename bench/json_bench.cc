// JSON to messages and back beside protobuf's own: a request of 30 voxels (about 800 bytes), and
// bulk lists of numbers. Quote ratios inside one run, not absolute times.

#include <google/protobuf/util/json_util.h>

#include <string>

#include "benchmark/benchmark.h"
#include "daemon/wire/json_codec.h"
#include "daemon/wire/jsonrpc.h"
#include "voxel/base/check.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

v1::SetVoxelsRequest Voxels(int count) {
  v1::SetVoxelsRequest request;
  request.set_project("castle");
  request.set_layer("base");
  request.mutable_write()->set_request_id("9f2c64f1");
  for (int i = 0; i < count; ++i) {
    for (const int n : {i * 3 - 40, i * 7 % 1000, 127 - i}) request.mutable_voxels()->add_xyz(n);
    request.mutable_voxels()->add_rgba(0xFF8800FFu + static_cast<uint32_t>(i % 16) * 256);
  }
  return request;
}

std::string Params(int count) {
  std::string out;
  WriteJson(Voxels(count), &out);
  return out;
}

void SetBytes(benchmark::State& state, const std::string& text) {
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

void BM_ReadOurs(benchmark::State& state) {
  const std::string json = Params(static_cast<int>(state.range(0)));
  JsonReader reader;
  v1::SetVoxelsRequest request;
  for (auto _ : state) VOXEL_CHECK(reader.Read(json, &request).ok());
  SetBytes(state, json);
}
BENCHMARK(BM_ReadOurs)->Arg(30)->Arg(25'000);

void BM_ReadProtobuf(benchmark::State& state) {
  const std::string json = Params(static_cast<int>(state.range(0)));
  v1::SetVoxelsRequest request;
  for (auto _ : state) {
    request.Clear();
    VOXEL_CHECK(google::protobuf::util::JsonStringToMessage(json, &request).ok());
  }
  SetBytes(state, json);
}
BENCHMARK(BM_ReadProtobuf)->Arg(30)->Arg(25'000);

// All that a request's bytes go through before its method runs.
void BM_LineToMessage(benchmark::State& state) {
  const std::string line = R"({"jsonrpc":"2.0","id":12345,"method":"voxel.set","params":)" +
                           Params(static_cast<int>(state.range(0))) + "}\n";
  LineSplitter splitter(line.size());
  JsonRpcParser parser(1);
  JsonRpcLine calls;
  JsonReader reader;
  v1::SetVoxelsRequest request;
  std::string_view text;
  for (auto _ : state) {
    splitter.Feed(line);
    VOXEL_CHECK(splitter.Next(&text) == LineSplitter::State::kComplete);
    parser.Parse(text, &calls);
    VOXEL_CHECK(reader.Read(calls.calls[0].params, &request).ok());
  }
  SetBytes(state, line);
}
BENCHMARK(BM_LineToMessage)->Arg(30)->Arg(25'000);

void BM_WriteOurs(benchmark::State& state) {
  const v1::SetVoxelsRequest request = Voxels(static_cast<int>(state.range(0)));
  std::string json;
  for (auto _ : state) {
    json.clear();
    WriteJson(request, &json);
  }
  SetBytes(state, json);
}
BENCHMARK(BM_WriteOurs)->Arg(30)->Arg(25'000);

void BM_WriteProtobuf(benchmark::State& state) {
  const v1::SetVoxelsRequest request = Voxels(static_cast<int>(state.range(0)));
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  for (auto _ : state) {
    json.clear();
    VOXEL_CHECK(google::protobuf::util::MessageToJsonString(request, &json, options).ok());
  }
  SetBytes(state, json);
}
BENCHMARK(BM_WriteProtobuf)->Arg(30)->Arg(25'000);

}  // namespace
}  // namespace voxeld

BENCHMARK_MAIN();
