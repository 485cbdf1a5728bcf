#include "daemon/net/json_door.h"

#include "daemon/net/builtin_methods.h"

namespace voxeld {

JsonDoor::JsonDoor(Poller* poller_in, Dispatcher* dispatcher_in, WorkerPool* pool_in,
                   const Log* log_in, MemoryUse* memory_in, BufferPool* buffers_in,
                   const JsonLimits& limits_in)
    : poller(poller_in),
      dispatcher(dispatcher_in),
      pool(pool_in),
      log(log_in),
      memory(memory_in),
      buffers(buffers_in),
      limits(limits_in),
      turns(std::make_shared<StreamTurns>(poller_in)),
      parser(limits_in.max_batch) {}

const std::string& JsonDoor::Discovery() {
  if (discovery_.empty()) discovery_ = DescribeMethods(dispatcher->methods());
  return discovery_;
}

void JsonDoor::Trim() {
  messages.Trim();
  calls.Trim();
  output.shrink_to_fit();
}

}  // namespace voxeld
