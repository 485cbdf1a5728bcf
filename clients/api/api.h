// The API as its descriptors tell it: methods, fields and their comments. No generated code.
//
// Threading: immutable after construction.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"

namespace voxapi {

struct ApiMethod {
  std::string name;  // "voxel.apply_edits"
  std::string path;  // "/voxeld.v1.VoxelService/ApplyEdits"
  std::string help;  // the rpc's comment, without its JSON-RPC name and the list of errors
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
};

class Api {
 public:
  // aborts if the embedded descriptors cannot be read, which a build with them cannot produce
  Api();

  const std::vector<ApiMethod>& methods() const { return methods_; }
  const ApiMethod* Find(std::string_view name) const;  // nullptr if there is none
  // An empty message of that type.
  std::unique_ptr<google::protobuf::Message> New(const google::protobuf::Descriptor* type) const;

 private:
  google::protobuf::DescriptorPool pool_;
  mutable google::protobuf::DynamicMessageFactory factory_;
  std::vector<ApiMethod> methods_;
};

// The comment above or beside a field, an enum value, a message or an rpc, on one line.
std::string CommentOf(const google::protobuf::FieldDescriptor* field);
std::string CommentOf(const google::protobuf::EnumValueDescriptor* value);
std::string CommentOf(const google::protobuf::Descriptor* message);
std::string CommentOf(const google::protobuf::MethodDescriptor* method);

// "ApplyEdits" -> "apply_edits".
std::string SnakeCase(std::string_view camel);

}  // namespace voxapi
