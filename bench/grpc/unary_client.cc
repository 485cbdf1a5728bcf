#include "bench/grpc/unary_client.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace voxeld::bench {
namespace {

constexpr std::chrono::seconds kPatience(30);

[[noreturn]] void Fail(const std::string& whom, const std::string& what) {
  std::fprintf(stderr, "grpc_load: %s: %s\n", whom.c_str(), what.c_str());
  std::exit(1);
}

std::shared_ptr<grpc::Channel> Connected(const std::string& path) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto channel =
      grpc::CreateCustomChannel("unix:" + path, grpc::InsecureChannelCredentials(), arguments);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + kPatience)) {
    Fail(path, "no connection");
  }
  return channel;
}

}  // namespace

UnaryClient::UnaryClient(const std::string& path, const std::string& method,
                         const std::string& request)
    : method_(method), request_(request), stub_(Connected(path)) {}

void UnaryClient::Run(double seconds, Latencies* latencies) {
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(seconds));
  for (auto begin = Clock::now(); begin < end;) {
    Call();
    const auto now = Clock::now();
    latencies->Add(now - begin);
    begin = now;
  }
}

void UnaryClient::Call() {
  grpc::ClientContext context;
  const grpc::ByteBuffer request(&request_, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  const auto call = stub_.PrepareUnaryCall(&context, method_, request, &queue_);
  call->StartCall();
  call->Finish(&response, &status, this);
  void* tag = nullptr;
  bool ok = false;
  if (!queue_.Next(&tag, &ok) || !status.ok()) Fail(method_, status.error_message());
}

}  // namespace voxeld::bench
