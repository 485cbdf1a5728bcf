#include "clients/api/api.h"

#include <cctype>
#include <cstdlib>

#include "clients/api/api_bytes.h"
#include "google/protobuf/descriptor.pb.h"

namespace voxapi {
namespace {

namespace pb = google::protobuf;

std::string OneLine(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  const size_t begin = text.find_first_not_of(' ');
  std::string line;
  for (size_t i = begin == std::string::npos ? text.size() : begin; i < text.size(); ++i) {
    if (text[i] != ' ' || line.back() != ' ') line += text[i];
  }
  return line;
}

template <typename Descriptor>
std::string Comment(const Descriptor* descriptor) {
  pb::SourceLocation location;
  if (!descriptor->GetSourceLocation(&location)) return {};
  return OneLine(location.leading_comments.empty() ? location.trailing_comments
                                                   : location.leading_comments);
}

ApiMethod Describe(const pb::MethodDescriptor* descriptor) {
  ApiMethod method;
  const std::string& service = descriptor->service()->name();
  const std::string group = service.substr(0, service.size() - std::string_view("Service").size());
  method.name = SnakeCase(group) + "." + SnakeCase(descriptor->name());
  method.path = "/" + descriptor->service()->full_name() + "/" + descriptor->name();
  method.help = CommentOf(descriptor);
  method.help = method.help.substr(0, method.help.find(" Errors:"));
  // The JSON-RPC name stands at the end of the sentence; it is the command's name already.
  if (const size_t name = method.help.rfind(" " + method.name); name != std::string::npos)
    method.help.resize(name);
  method.descriptor = descriptor;
  return method;
}

}  // namespace

Api::Api() : factory_(&pool_) {
  pb::FileDescriptorSet files;
  if (!files.ParseFromArray(ApiBytes().data(), static_cast<int>(ApiBytes().size()))) std::abort();
  for (const pb::FileDescriptorProto& file : files.file()) {
    const pb::FileDescriptor* built = pool_.BuildFile(file);
    if (built == nullptr) std::abort();
    for (int s = 0; s < built->service_count(); ++s) {
      for (int m = 0; m < built->service(s)->method_count(); ++m) {
        methods_.push_back(Describe(built->service(s)->method(m)));
      }
    }
  }
}

const ApiMethod* Api::Find(std::string_view name) const {
  for (const ApiMethod& method : methods_) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

std::unique_ptr<pb::Message> Api::New(const pb::Descriptor* type) const {
  return std::unique_ptr<pb::Message>(factory_.GetPrototype(type)->New());
}

std::string CommentOf(const pb::FieldDescriptor* field) { return Comment(field); }
std::string CommentOf(const pb::EnumValueDescriptor* value) { return Comment(value); }
std::string CommentOf(const pb::Descriptor* message) { return Comment(message); }
std::string CommentOf(const pb::MethodDescriptor* method) { return Comment(method); }

std::string SnakeCase(std::string_view camel) {
  std::string snake;
  for (const char c : camel) {
    if (std::isupper(static_cast<unsigned char>(c)) != 0 && !snake.empty()) snake += '_';
    snake += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return snake;
}

}  // namespace voxapi
