#include "bench/store/socket_load.h"

#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "bench/started_daemon.h"

namespace voxeld::bench {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr int kWaitSeconds = 30;
constexpr int64_t kColors = 13;  // greys; two edits of one voxel rarely have the same

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "store_load: %s\n", what.c_str());
  std::exit(1);
}

int Connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) Fail("the socket's path is too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    Fail("cannot connect to " + path + ": " + std::strerror(errno));
  }
  const timeval patience{kWaitSeconds, 0};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) Fail("no timeout");
  return fd;
}

void Number(int64_t value, std::string& out) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), static_cast<size_t>(end - digits.data()));
}

// splitmix64: the voxel of an edit is any of the cube, and always the same for its number.
uint64_t Mixed(uint64_t n) {
  n += 0x9E3779B97F4A7C15u;
  n = (n ^ n >> 30) * 0xBF58476D1CE4E5B9u;
  n = (n ^ n >> 27) * 0x94D049BB133111EBu;
  return n ^ n >> 31;
}

void Position(const SocketLoad& load, uint64_t mixed, std::string& out) {
  const auto side = static_cast<uint64_t>(load.side);
  for (int axis = 0; axis < 3; ++axis) {
    if (axis > 0) out.push_back(',');
    Number(load.corner + static_cast<int64_t>((mixed >> (20 * axis)) % side), out);
  }
}

// The voxels of an edit of several: row by row, in a brick that is any of the cube's. The numbers
// of a row share two of three texts, so that the client costs little beside what it measures.
void InBrick(const SocketLoad& load, uint64_t mixed, std::string& out) {
  constexpr int kSide = 16;
  const uint64_t bricks = std::max<uint64_t>(1, static_cast<uint64_t>(load.side) / kSide);
  const auto corner = [&](int axis) {
    return load.corner + static_cast<int64_t>((mixed >> (20 * axis)) % bricks * kSide);
  };
  std::array<std::string, kSide> x;
  for (int i = 0; i < std::min(load.voxels, kSide); ++i) Number(corner(0) + i, x[i]);
  std::string row;
  for (int i = 0; i < load.voxels; ++i) {
    if (i % kSide == 0) {
      row = ",";
      Number(corner(1) + i / kSide % kSide, row);
      row.push_back(',');
      Number(corner(2) + i / (kSide * kSide) % kSide, row);
    }
    if (i > 0) out.push_back(',');
    out += x[static_cast<size_t>(i % kSide)];
    out += row;
  }
}

// The greys of edits, as texts.
const std::array<std::string, kColors>& Greys() {
  static const auto* const greys = [] {
    auto* const texts = new std::array<std::string, kColors>();
    for (int64_t i = 0; i < kColors; ++i) {
      Number(int64_t{0x0F0F0FFF} + i * 0x10101000, (*texts)[static_cast<size_t>(i)]);
    }
    return texts;
  }();
  return *greys;
}

void AppendEdit(const SocketLoad& load, int64_t number, std::string& out) {
  const uint64_t mixed = Mixed(static_cast<uint64_t>(number));
  out += R"({"jsonrpc":"2.0","id":)";
  Number(number, out);
  out += R"(,"method":"voxel.set","params":{"project":")";
  out += load.project;
  if (!load.layer.empty()) out += R"(","layer":")" + load.layer;
  out += R"(","voxels":{"xyz":[)";
  if (load.voxels == 1) {
    Position(load, mixed, out);
  } else {
    InBrick(load, mixed, out);
  }
  out += R"(],"rgba":[)";
  for (int i = 0; i < load.voxels; ++i) {
    if (i > 0) out.push_back(',');
    out += Greys()[static_cast<size_t>((number + i) % kColors)];
  }
  out += "]}";
  if (load.relaxed || load.ids) {
    out += R"(,"write":{)";
    if (load.relaxed) out += R"("durability":"relaxed")";
    if (load.ids) {
      out += load.relaxed ? R"(,"request_id":"edit-)" : R"("request_id":"edit-)";
      Number(number, out);
      out.push_back('"');
    }
    out.push_back('}');
  }
  out += "}}\n";
}

void AppendRead(const SocketLoad& load, int64_t number, std::string& out) {
  out += R"({"jsonrpc":"2.0","id":)";
  Number(number, out);
  out += R"(,"method":"voxel.get","params":{"project":")";
  out += load.project;
  out += R"(","xyz":[)";
  Position(load, Mixed(static_cast<uint64_t>(number)), out);
  out += "]}}\n";
}

struct Connection {
  int fd = -1;
  bool writer = false;
  std::string in, out;
  struct Sent {
    Clock::time_point at;
    int64_t number = 0;
  };
  std::deque<Sent> sent;  // not answered yet; answers come in order
};

class Crowd {
 public:
  explicit Crowd(const SocketLoad& load) : load_(load), next_(load.first) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) Fail("no epoll");
    for (int i = 0; i < load.writers + load.readers; ++i) {
      auto connection = std::make_unique<Connection>();
      connection->fd = Connect(load.socket);
      connection->writer = i < load.writers;
      epoll_event event{EPOLLIN, {.ptr = connection.get()}};
      if (epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->fd, &event) != 0) Fail("no epoll");
      connections_.push_back(std::move(connection));
    }
  }
  ~Crowd() {
    for (const auto& connection : connections_) close(connection->fd);
    close(epoll_);
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  SocketResult Run() {
    const auto start = Clock::now();
    end_ = start + std::chrono::duration_cast<Clock::duration>(
                       std::chrono::duration<double>(load_.seconds));
    for (const auto& connection : connections_) {
      for (int i = 0; i < load_.in_flight; ++i) Ask(*connection, start);
      Flush(*connection);
    }
    std::string edit;
    AppendEdit(load_, load_.first, edit);
    result_.edit_bytes = edit.size();
    while (waiting_ > 0) Round();
    result_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return std::move(result_);
  }

 private:
  void Round() {
    if (connections_.size() == 1) return Answer(*connections_.front());  // which waits for it
    std::array<epoll_event, 128> events;
    const int count =
        epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1000 * kWaitSeconds);
    if (count == 0) Fail("no answer for 30 s");
    for (int i = 0; i < count; ++i) {
      Answer(*static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr));
    }
  }

  void Answer(Connection& connection) {
    Receive(connection);
    Flush(connection);
  }

  bool Over(Clock::time_point now) const {
    return load_.edits == 0 ? now >= end_ : next_ - load_.first >= load_.edits;
  }

  void Ask(Connection& connection, Clock::time_point now) {
    if (Over(now)) return;
    Send(connection, connection.writer ? next_++ : ++reads_, now);
  }

  void Send(Connection& connection, int64_t number, Clock::time_point now) {
    if (connection.writer) {
      AppendEdit(load_, number, connection.out);
    } else {
      AppendRead(load_, number, connection.out);
    }
    connection.sent.push_back({now, number});
    ++waiting_;
  }

  void Flush(Connection& connection) {
    std::string_view left = connection.out;
    while (!left.empty()) {  // blocks when the daemon does not take more: it reads on by itself
      const ssize_t sent = send(connection.fd, left.data(), left.size(), MSG_NOSIGNAL);
      if (sent <= 0) Fail("the daemon is gone");
      left.remove_prefix(static_cast<size_t>(sent));
    }
    connection.out.clear();
  }

  void Receive(Connection& connection) {
    const ssize_t got = recv(connection.fd, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno == EAGAIN) Fail("no answer for 30 s");
    if (got <= 0) Fail("the daemon closed a connection");
    connection.in.append(buffer_.data(), static_cast<size_t>(got));
    const auto now = Clock::now();
    std::string_view left = connection.in;
    for (size_t end = left.find('\n'); end != left.npos; end = left.find('\n')) {
      Take(connection, left.substr(0, end), now);
      left.remove_prefix(end + 1);
    }
    connection.in.erase(0, connection.in.size() - left.size());
  }

  void Take(Connection& connection, std::string_view answer, Clock::time_point now) {
    const Connection::Sent sent = connection.sent.front();
    connection.sent.pop_front();
    --waiting_;
    if (answer.find(R"("error":)") != answer.npos) {
      if (answer.find("OVERLOADED") == answer.npos) Fail("an answer: " + std::string(answer));
      ++result_.refused;
      return Send(connection, sent.number, now);
    }
    (connection.writer ? result_.edits : result_.reads).Add(now - sent.at);
    Ask(connection, now);
  }

  const SocketLoad& load_;
  int epoll_ = -1;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<char> buffer_ = std::vector<char>(kReadBytes);
  Clock::time_point end_;
  int64_t next_;
  int64_t reads_ = 0;
  int64_t waiting_ = 0;  // requests that are not answered yet
  SocketResult result_;
};

}  // namespace

SocketResult RunSocketLoad(const SocketLoad& load) { return Crowd(load).Run(); }

Latencies RunStarts(const std::string& program, const std::string& socket, int starts) {
  constexpr std::string_view kPing = R"({"jsonrpc":"2.0","id":1,"method":"admin.ping"})"
                                     "\n";
  Latencies latencies;
  std::array<char, 4096> answer;
  for (int i = 0; i < starts; ++i) {
    const StartedDaemon daemon(program, socket);
    const int fd = Connect(socket);
    if (send(fd, kPing.data(), kPing.size(), MSG_NOSIGNAL) != std::ssize(kPing) ||
        recv(fd, answer.data(), answer.size(), 0) <= 0) {
      Fail("no answer at the start");
    }
    latencies.Add(Clock::now() - daemon.begin());
    close(fd);
  }
  return latencies;
}

namespace {

[[noreturn]] void EchoForEver(int fd, int cpu) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (cpu >= 0) {
    CPU_SET(static_cast<size_t>(cpu), &cpus);
    if (sched_setaffinity(0, sizeof cpus, &cpus) != 0) _exit(1);
  }
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{EPOLLIN | EPOLLET, {.fd = fd}};
  if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) _exit(1);
  std::vector<char> buffer(kReadBytes);
  for (;;) {
    if (epoll_wait(epoll, &event, 1, -1) < 0) _exit(1);
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) _exit(0);
    if (send(fd, buffer.data(), static_cast<size_t>(got), MSG_NOSIGNAL) != got) _exit(1);
  }
}

}  // namespace

Latencies RunEcho(int bytes, int cpu, double seconds) {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) Fail("no socket pair");
  const pid_t child = fork();
  if (child < 0) Fail("no process");
  if (child == 0) {
    close(fds[0]);
    EchoForEver(fds[1], cpu);
  }
  close(fds[1]);
  Latencies latencies;
  std::vector<char> text(static_cast<size_t>(bytes), 'x');
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(seconds));
  for (auto begin = Clock::now(); begin < end;) {
    if (send(fds[0], text.data(), text.size(), MSG_NOSIGNAL) != bytes) Fail("no echo");
    for (ssize_t left = bytes; left > 0;) {
      const ssize_t got = recv(fds[0], text.data(), static_cast<size_t>(left), 0);
      if (got <= 0) Fail("no echo");
      left -= got;
    }
    const auto now = Clock::now();
    latencies.Add(now - begin);
    begin = now;
  }
  close(fds[0]);
  waitpid(child, nullptr, 0);
  return latencies;
}

}  // namespace voxeld::bench
