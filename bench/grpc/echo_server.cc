#include "bench/grpc/echo_server.h"

#include <arpa/inet.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

namespace voxeld::bench {
namespace {

constexpr int kWaitingCalls = 32;  // as the daemon has
constexpr int kBacklog = 128;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "grpc_load: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

struct Echo {
  grpc::AsyncGenericService service;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  std::unique_ptr<grpc::Server> server;
};

// One call: deletes itself once its last operation and the "done" notice are back, which the daemon
// needs to hear of clients that left.
class EchoCall {
 public:
  explicit EchoCall(Echo* echo) : echo_(echo), io_(&context_) {
    context_.AsyncNotifyWhenDone(&done_);
    echo_->service.RequestCall(&context_, &io_, echo_->queue.get(), echo_->queue.get(), &next_);
  }

  static void Run(void* tag, bool ok) {
    const auto* event = static_cast<Tag*>(tag);
    (event->call->*event->step)(ok);
  }

 private:
  struct Tag {
    EchoCall* call;
    void (EchoCall::*step)(bool ok);
  };

  ~EchoCall() = default;
  void OnAccepted(bool ok) {
    if (!ok) return;  // the program ends
    new EchoCall(echo_);
    next_.step = &EchoCall::OnRequest;
    io_.Read(&buffer_, &next_);
  }
  void OnRequest(bool ok) {
    next_.step = &EchoCall::OnEvent;
    if (!ok) return io_.Finish({grpc::StatusCode::INVALID_ARGUMENT, "no request"}, &next_);
    io_.WriteAndFinish(buffer_, {}, grpc::Status::OK, &next_);
  }
  void OnEvent(bool) {
    if (--awaited_ == 0) delete this;
  }

  Echo* const echo_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter io_;
  grpc::ByteBuffer buffer_;
  Tag next_{this, &EchoCall::OnAccepted}, done_{this, &EchoCall::OnEvent};
  int awaited_ = 2;
};

int Listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) Fail("the socket's path is too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd, kBacklog) != 0) {
    Fail("cannot listen on " + path);
  }
  return fd;
}

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file.good()) Fail(path);
  return text;
}

// Of a port of this machine: "127.0.0.1:8443".
int ListenTcp(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in where{};
  where.sin_family = AF_INET;
  if (colon == address.npos ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &where.sin_addr) != 1) {
    Fail("not ADDRESS:PORT: " + address);
  }
  where.sin_port = htons(static_cast<uint16_t>(std::atoi(address.c_str() + colon + 1)));
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
      listen(fd, kBacklog) != 0) {
    Fail("cannot listen on " + address);
  }
  return fd;
}

// Takes connections that are accepted elsewhere, as the daemon's does.
using Acceptor = grpc::experimental::ExternalConnectionAcceptor;
std::unique_ptr<Acceptor> MakeTlsAcceptor(const EchoTls& tls, grpc::ServerBuilder* builder) {
  using Type = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({Contents(tls.key), Contents(tls.certificate)});
  return builder->experimental().AddExternalConnectionAcceptor(Type::FROM_FD,
                                                               grpc::SslServerCredentials(options));
}

}  // namespace

void ServeEcho(const std::string& path, const EchoTls& tls) {
  Echo echo;
  grpc::ServerBuilder builder;
  const bool secure = !tls.address.empty();
  const std::unique_ptr<Acceptor> acceptor = secure ? MakeTlsAcceptor(tls, &builder) : nullptr;
  builder.RegisterAsyncGenericService(&echo.service);
  echo.queue = builder.AddCompletionQueue();
  echo.server = builder.BuildAndStart();
  for (int i = 0; i < kWaitingCalls; ++i) new EchoCall(&echo);
  std::thread([&echo] {
    void* tag = nullptr;
    bool ok = false;
    while (echo.queue->Next(&tag, &ok)) EchoCall::Run(tag, ok);
  }).detach();
  pollfd watched[] = {{STDIN_FILENO, POLLIN, 0},
                      {Listen(path), POLLIN, 0},
                      {secure ? ListenTcp(tls.address) : -1, POLLIN, 0}};  // poll skips -1
  std::puts("ready");
  std::fflush(stdout);
  while (poll(watched, std::size(watched), -1) > 0 && watched[0].revents == 0) {
    const bool plain = watched[1].revents != 0;
    const int fd =
        accept4(watched[plain ? 1 : 2].fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) continue;
    if (plain) {
      grpc::AddInsecureChannelFromFd(echo.server.get(), fd);
    } else {
      Acceptor::NewConnectionParameters connection;
      connection.fd = fd;
      acceptor->HandleNewConnection(&connection);
    }
  }
  // Nothing here is worth an orderly end: calls that wait for a client would each need one.
  std::fflush(stdout);
  _exit(0);
}

}  // namespace voxeld::bench
