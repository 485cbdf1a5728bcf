// Request messages, used again: a cleared message keeps the memory of its strings and arrays, and
// what is kept here also keeps the messages within it, which protobuf would free.
//
// Threading: one thread at a time.
// Memory:    bounded for each type; large messages are not kept.
#pragma once

#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/message.h"
#include "voxel/base/pool_counts.h"

namespace voxeld {

class MessagePool {
 public:
  // An empty message of the prototype's type.
  std::unique_ptr<google::protobuf::Message> Take(const google::protobuf::Message& prototype);
  // An empty message of that type to be given to another one; null if none is kept. The caller's.
  google::protobuf::Message* TakeNested(const google::protobuf::Descriptor& type);
  // Takes a message back, and those within it. `bytes` is about what it held: large ones are freed,
  // so that one big call does not cost its memory for ever.
  void Give(std::unique_ptr<google::protobuf::Message> message, size_t bytes);
  // Frees what is kept; returns how many messages that were.
  size_t Trim();

  // Bytes are those of the objects alone, without their texts and lists. Most that come here were
  // not taken here, as those within a message: which are in use is not counted. Any thread.
  const voxel::PoolCounts& counts() const { return counts_; }

 private:
  using Field = google::protobuf::FieldDescriptor;
  struct Type;
  struct Nested {
    const Field* field;
    Type* type;
  };
  struct Type {
    std::vector<std::unique_ptr<google::protobuf::Message>> free;
    const google::protobuf::Reflection* reflection = nullptr;
    std::vector<Nested> messages;  // its fields that hold one
    std::vector<Nested> lists;     // and several
    int64_t bytes = 0;             // of an empty one; 0 until one was kept
  };
  Type& TypeOf(const google::protobuf::Descriptor& descriptor);
  // Takes the messages out of `message`, and keeps them.
  void Empty(google::protobuf::Message& message, const Type& type);
  void Keep(std::unique_ptr<google::protobuf::Message> message, Type& type);

  // Types stay where they are.
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<Type>> types_;
  voxel::PoolCounts counts_;
};

}  // namespace voxeld
