// Request and response messages, used again: clearing a message keeps the memory of its strings and
// arrays.
//
// Threading: one thread at a time.
#pragma once

#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/message.h"

namespace voxeld {

class MessagePool {
 public:
  // An empty message of the prototype's type.
  std::unique_ptr<google::protobuf::Message> Take(const google::protobuf::Message& prototype);
  // Takes a message back. `bytes` is about what it held: large ones are freed, so that one big call
  // does not cost its memory for ever.
  void Give(std::unique_ptr<google::protobuf::Message> message, size_t bytes);

 private:
  absl::flat_hash_map<const google::protobuf::Descriptor*,
                      std::vector<std::unique_ptr<google::protobuf::Message>>>
      free_;
};

}  // namespace voxeld
