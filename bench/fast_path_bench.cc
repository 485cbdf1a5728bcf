// What one small request costs inside the daemon, without sockets: its line through the JSON-RPC
// session, the dispatcher, a real transaction, publication and the retirement of old revisions, to
// the reply. And its parts, each beside what it has to beat.
#include <benchmark/benchmark.h>
#include <google/protobuf/util/json_util.h>

#if __has_include(<boost/lockfree/queue.hpp>)  // a peer to be measured by
#include <boost/lockfree/queue.hpp>
#endif

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "daemon/io/poller.h"
#include "daemon/memory/area.h"
#include "daemon/net/json_door.h"
#include "daemon/net/json_session.h"
#include "daemon/runtime/mpmc_queue.h"
#include "daemon/runtime/timers.h"
#include "daemon/service/services.h"
#include "daemon/store/memory_commit_store.h"
#include "voxel/base/check.h"
#include "voxel/formats/format.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

// A daemon that a benchmark calls from the poller's thread.
class World {
 public:
  World() {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as the daemon does
    services_.registry = registry_.get();
    services_.formats = &formats_;
    services_.timers = &timers_;
  }

  // Runs `body` where a connection would run.
  template <typename Body>
  void OnPoller(Body body) {
    poller_->Post([&] {
      session_ = std::make_shared<JsonSession>(&door_, JsonCaller{.peer = "uid:1000"}, [] {});
      body();
      session_ = nullptr;
      poller_->Stop();
    });
    poller_->Run();
  }
  const std::string& Ask(std::string_view line) {
    out_.clear();
    session_->TakeLine(line);
    session_->Work(true, &out_);
    return out_;
  }
  void Create(std::string_view project) {
    const std::string& answer =
        Ask(R"({"jsonrpc":"2.0","id":1,"method":"project.create","params":{"project":")" +
            std::string(project) + R"(","ephemeral":true}})");
    VOXEL_CHECK(answer.find("result") != answer.npos);
  }
  const MethodTable& methods() const { return methods_; }
  Dispatcher& dispatcher() { return dispatcher_; }

 private:
  const std::unique_ptr<Poller> poller_ = *Poller::Create();
  const Log log_{2, Severity::kError};
  const MethodTable methods_;
  const voxel::FormatRegistry formats_;
  WorkerPool pool_{WorkerPoolOptions()};
  Timers timers_;
  MemoryCommitStore store_;
  const std::unique_ptr<ProjectRegistry> registry_ =
      ProjectRegistry::Create({}, &store_, &pool_, &absl::Now);
  Services services_;
  Dispatcher dispatcher_{&methods_, &services_, &pool_, {}};
  MemoryUse memory_;
  BufferPool buffers_{&memory_.response};
  JsonDoor door_{poller_.get(), &dispatcher_, &pool_, &log_, &memory_, &buffers_, {}};
  std::shared_ptr<JsonSession> session_;
  std::string out_;
};

void Number(int64_t value, std::string& out) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

// A request that sets `voxels` voxels of one brick; the n-th one other colours than the one before.
void SetRequest(int64_t n, int voxels, bool uuid, std::string_view project, std::string& line) {
  line = R"({"jsonrpc":"2.0","id":)";
  Number(n, line);
  line += R"(,"method":"voxel.set","params":{"project":")";
  line += project;
  line += R"(","layer":"main","voxels":{"xyz":[)";
  for (int i = 0; i < voxels; ++i) {
    if (i > 0) line += ",";
    Number(10000 + i % 16, line);
    line += ",";
    Number(20000 + i / 16 * 3 % 16, line);
    line += ",";
    Number(-30000 + i % 7, line);
  }
  line += R"(],"rgba":[)";
  for (int i = 0; i < voxels; ++i) {
    if (i > 0) line += ",";
    Number(0x103050FF + int64_t{0x01010100} * ((n + i) % 97), line);
  }
  line += "]}";
  if (uuid) {
    line += R"(,"write":{"request_id":"6f1c2a9e-77b0-4d53-9f0e-)";
    const std::string digits = std::to_string(n + 100'000'000'000);
    line += digits;
    line += R"("})";
  }
  line += "}}";
}

void Set(benchmark::State& state, int voxels, bool uuid) {
  World world;
  world.OnPoller([&] {
    world.Create("castle");
    // Old enough that each further revision retires one.
    std::vector<std::string> lines(1024);
    int64_t n = 0;
    for (int i = 0; i < 40'000; ++i) {
      SetRequest(++n, voxels, false, "castle", lines[0]);
      world.Ask(lines[0]);
    }
    size_t at = lines.size();
    for (auto _ : state) {
      if (at == lines.size()) {
        state.PauseTiming();
        for (std::string& line : lines) SetRequest(++n, voxels, uuid, "castle", line);
        at = 0;
        state.ResumeTiming();
      }
      const std::string& answer = world.Ask(lines[at++]);
      VOXEL_CHECK(answer.find("\"result\"") != answer.npos);
    }
    state.counters["request_bytes"] = static_cast<double>(lines[0].size());
  });
}
void BM_SetThirty(benchmark::State& state) { Set(state, 30, false); }
BENCHMARK(BM_SetThirty);
void BM_SetThirtyWithRequestId(benchmark::State& state) { Set(state, 30, true); }
BENCHMARK(BM_SetThirtyWithRequestId);
void BM_SetOne(benchmark::State& state) { Set(state, 1, false); }
BENCHMARK(BM_SetOne);
void BM_SetOneWithRequestId(benchmark::State& state) { Set(state, 1, true); }
BENCHMARK(BM_SetOneWithRequestId);

void BM_GetOne(benchmark::State& state) {
  World world;
  world.OnPoller([&] {
    world.Create("castle");
    std::string line;
    SetRequest(1, 30, false, "castle", line);
    world.Ask(line);
    line = R"({"jsonrpc":"2.0","id":12345,"method":"voxel.get",)"
           R"("params":{"project":"castle","xyz":[10001,20000,-29999]}})";
    for (auto _ : state) {
      const std::string& answer = world.Ask(line);
      VOXEL_CHECK(answer.find("\"result\"") != answer.npos);
    }
  });
}
BENCHMARK(BM_GetOne);

void BM_Ping(benchmark::State& state) {
  World world;
  world.OnPoller([&] {
    const std::string line = R"({"jsonrpc":"2.0","id":1,"method":"admin.ping"})";
    for (auto _ : state) benchmark::DoNotOptimize(world.Ask(line).size());
  });
}
BENCHMARK(BM_Ping);

// --- json_parse_1k: the whole line to the typed message.
void BM_JsonParse1k(benchmark::State& state) {
  std::string line;
  SetRequest(1, 30, true, "castle", line);
  while (line.size() < 1100) line.insert(line.size() - 2, " ");
  JsonRpcParser parser(1);
  JsonRpcLine calls;
  MessagePool pool;
  JsonReader reader(&pool);
  const v1::SetVoxelsRequest prototype;
  for (auto _ : state) {
    auto request = pool.Take(prototype);
    parser.Parse(line, &calls);
    VOXEL_CHECK(reader.Read(calls.calls[0].params, request.get()).ok());
    pool.Give(std::move(request), line.size());
  }
  state.counters["bytes"] = static_cast<double>(line.size());
}
BENCHMARK(BM_JsonParse1k);

// The same params by protobuf's own JSON code.
void BM_JsonParse1kProtobuf(benchmark::State& state) {
  std::string line;
  SetRequest(1, 30, true, "castle", line);
  while (line.size() < 1100) line.insert(line.size() - 2, " ");
  JsonRpcParser parser(1);
  JsonRpcLine calls;
  parser.Parse(line, &calls);
  const std::string params(calls.calls[0].params);
  v1::SetVoxelsRequest request;
  for (auto _ : state) {
    request.Clear();
    VOXEL_CHECK(google::protobuf::util::JsonStringToMessage(params, &request).ok());
  }
}
BENCHMARK(BM_JsonParse1kProtobuf);

// --- method_dispatch: a name to its function, called.
void BM_MethodDispatch(benchmark::State& state) {
  const MethodTable methods;
  std::vector<std::string> names;
  for (const Method& method : methods.methods()) names.push_back(method.name);
  for (size_t i = 0; i < names.size(); ++i) std::swap(names[i], names[i * 7919 % names.size()]);
  size_t at = 0;
  bool (*const cheap)(const Method*) = [](const Method* method) { return method != nullptr; };
  benchmark::DoNotOptimize(cheap);
  for (auto _ : state) {
    VOXEL_CHECK(cheap(methods.FindByName(names[at])));
    at = at + 1 == names.size() ? 0 : at + 1;
  }
}
BENCHMARK(BM_MethodDispatch);

// --- memory_allocate: 64 bytes of an area, which ends after 16 of them, and of malloc.
constexpr size_t kAllocated = 64;
constexpr int kOfACall = 16;

void BM_AreaAllocate(benchmark::State& state) {
  alignas(64) static char block[kOfACall * kAllocated];
  Area area(block, sizeof block);
  for (auto _ : state) {
    for (int i = 0; i < kOfACall; ++i) benchmark::DoNotOptimize(area.Allocate(kAllocated));
    area.Reset();
  }
  state.SetItemsProcessed(state.iterations() * kOfACall);
}
BENCHMARK(BM_AreaAllocate);
// malloc is mimalloc's in this build; glibc's is under its own name, too.
extern "C" void* __libc_malloc(size_t);
extern "C" void __libc_free(void*);
template <auto Allocate, auto Free>
void AllocateAndFree(benchmark::State& state) {
  void* blocks[kOfACall];
  for (auto _ : state) {
    for (void*& block : blocks) benchmark::DoNotOptimize(block = Allocate(kAllocated));
    for (void* block : blocks) Free(block);
  }
  state.SetItemsProcessed(state.iterations() * kOfACall);
}
void BM_MimallocAllocate(benchmark::State& state) {
  AllocateAndFree<std::malloc, std::free>(state);
}
BENCHMARK(BM_MimallocAllocate);
void BM_GlibcAllocate(benchmark::State& state) {
  AllocateAndFree<__libc_malloc, __libc_free>(state);
}
BENCHMARK(BM_GlibcAllocate);

// --- queue_operations: push and pop, 2 producers and 2 consumers.
class MutexQueue {
 public:
  bool TryPush(uint64_t& element) {
    const std::lock_guard lock(mu_);
    queue_.push_back(element);
    return true;
  }
  bool TryPop(uint64_t& element) {
    const std::lock_guard lock(mu_);
    if (queue_.empty()) return false;
    element = queue_.front();
    queue_.pop_front();
    return true;
  }

 private:
  std::mutex mu_;
  std::deque<uint64_t> queue_;
};

// Half of the threads produce, half consume; an iteration is one element of each producer.
template <typename Queue>
void QueueOperations(benchmark::State& state, Queue& queue) {
  const bool producer = state.thread_index() % 2 == 0;
  uint64_t element = 1;
  for (auto _ : state) {
    if (producer) {
      while (!queue.TryPush(element)) std::this_thread::yield();
    } else {
      while (!queue.TryPop(element)) std::this_thread::yield();
    }
  }
  state.SetItemsProcessed(state.iterations());
}
void BM_QueueOurs(benchmark::State& state) {
  static MpmcQueue<uint64_t> queue(1024);
  QueueOperations(state, queue);
}
BENCHMARK(BM_QueueOurs)->Threads(4)->UseRealTime();
void BM_QueueMutexAndDeque(benchmark::State& state) {
  static MutexQueue queue;
  QueueOperations(state, queue);
}
BENCHMARK(BM_QueueMutexAndDeque)->Threads(4)->UseRealTime();

#if __has_include(<boost/lockfree/queue.hpp>)
class BoostQueue {
 public:
  bool TryPush(uint64_t& element) { return queue_.bounded_push(element); }
  bool TryPop(uint64_t& element) { return queue_.pop(element); }

 private:
  boost::lockfree::queue<uint64_t> queue_{1024};
};
void BM_QueueBoostLockfree(benchmark::State& state) {
  static BoostQueue queue;
  QueueOperations(state, queue);
}
BENCHMARK(BM_QueueBoostLockfree)->Threads(4)->UseRealTime();
#endif

}  // namespace
}  // namespace voxeld

BENCHMARK_MAIN();
